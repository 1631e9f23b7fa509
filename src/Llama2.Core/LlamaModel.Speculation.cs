using Llama2.Conversion;
using Llama2.Formats;
using Llama2.Generation;
using Llama2.Kernels;
using Llama2.Memory;
using Llama2.Model;
using Llama2.Speculation;
using Llama2.Tensors;
using Llama2.Tokenization;
using static System.FormattableString;

namespace Llama2;

// The members that guess the next tokens of texts.
public sealed partial class LlamaModel
{
    private Speculator? CreateSpeculator(GenerationOptions options, int promptTokenCount, int capacity)
    {
        SpeculationOptions speculation = options.Speculation ?? _speculation;
        if (speculation.MaxDraftLength == 0)
        {
            return null;
        }

        var context = new DrafterContext(Tokenizer, promptTokenCount, capacity);
        var slots = new List<DraftSlot>();
        foreach (DraftSource source in speculation.Sources)
        {
            if (source.Create is not null)
            {
                slots.Add(new DraftSlot(
                    source.Create(context) ?? throw new InvalidOperationException($"A source of {nameof(SpeculationOptions)}.{nameof(SpeculationOptions.Sources)} created null; it must create a drafter.")));
            }
            else if (promptTokenCount < _draftContextLength && !slots.Exists(slot => slot.Text is not null))
            {
                slots.Add(new DraftSlot(new DraftText(Math.Min(capacity, _draftContextLength), TextSequence.ChooseSharing(options, promptTokenCount)), _draftBalance));
            }
        }

        return slots.Count > 0 ? new Speculator(speculation, slots, Configuration.VocabularySize) : null;
    }

    private static DraftModel LoadDraftModel(
        string path, Vocabulary vocabulary, int contextLength, KernelTier tier, LlamaRuntime runtime, LlamaModelOptions options, CancellationToken cancellationToken)
    {
        using IModelFile file = OpenDraftModel(path, options);
        ModelConfiguration configuration = ConfigurationReader.Read(file);
        CheckVocabulary(vocabulary, ReadVocabulary(file, configuration), path);
        contextLength = DraftContextLength(configuration, contextLength);
        var capacity = PassCapacity.For(configuration, contextLength, file.Tensors.Sum(tensor => tensor.ByteSize));
        RequirePlausibleSize(file, configuration, capacity, tier);
        RequireMemory(file, configuration, contextLength, capacity, WeightByteSize(file, tier), runtime.ThreadCount);
        LlamaWeights weights = new WeightLoader(file, configuration, runtime, tier, null, cancellationToken) { Observe = options.ObserveDraft }.Load();
        try
        {
            Attention attention = WeightMatrixFactory.CreateAttention(weights.CacheTypeFor(tier), configuration.HeadLength, tier);
            configuration = configuration with { RopeScaling = configuration.RopeScaling.For(configuration.ContextLength, contextLength) };
            return new DraftModel(
                configuration, contextLength, weights, attention, runtime, capacity, ChooseCacheByteSize(configuration, attention, contextLength, MemoryBudget.AvailableBytesBesideMappings / 4));
        }
        catch
        {
            weights.Dispose();
            throw;
        }
    }

    // A draft model has the threads and the tokenizer of the model that it guesses for.
    private static long EstimateDraftMemory(string path, int contextLength, LlamaModelOptions options)
    {
        using IModelFile file = OpenDraftModel(path, options);
        ModelConfiguration configuration = ConfigurationReader.Read(file);
        return EstimateMemory(file, configuration, new LlamaModelOptions
        {
            ContextLength = DraftContextLength(configuration, contextLength),
            Runtime = options.Runtime,
            ThreadCount = options.ThreadCount,
            KernelTier = options.KernelTier,
        }).RequiredByteSize;
    }

    private static IModelFile OpenDraftModel(string path, LlamaModelOptions options) => ModelFiles.Open(LlamaModelStore.Resolve(path), options.UseMemoryMapping, options.TokenizerPath);

    // A draft model follows a text up to the context that it was trained for.
    private static int DraftContextLength(ModelConfiguration draft, int contextLength) => Math.Min(draft.ContextLength, contextLength);

    private static void CheckVocabulary(Vocabulary expected, Vocabulary actual, string path)
    {
        const string Remedy = "A draft model must have the same tokens as the model that it guesses for: choose a smaller model of the same family.";
        if (actual.Count != expected.Count)
        {
            throw new DraftModelException(Invariant($"The draft model '{path}' has {actual.Count:N0} tokens, but the model has {expected.Count:N0}. {Remedy}"), path);
        }

        for (int token = 0; token < expected.Count; token++)
        {
            if (!actual.Pieces.Span(token).SequenceEqual(expected.Pieces.Span(token)))
            {
                throw new DraftModelException(Invariant($"Token {token:N0} of the draft model '{path}' differs from the model's token of this number. {Remedy}"), path);
            }
        }
    }
}
