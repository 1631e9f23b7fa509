using System.Diagnostics.CodeAnalysis;
using Llama2.Architectures;
using Llama2.Conversion;
using Llama2.Formats;
using Llama2.Model;
using Llama2.Tokenization;
using static System.FormattableString;

namespace Llama2.Adapters;

/// <summary>
/// A model file whose weights include the changes of adapters, and whose vocabulary includes their new tokens. It can be read and written like any other model file. Changed tensors are F32; the
/// others are unchanged. Thread-safe.
/// </summary>
internal sealed class MergedModelFile : IModelFile
{
    private readonly IModelFile _model;
    private readonly Dictionary<string, MergedTensor> _merged = new(StringComparer.Ordinal);
    private readonly Dictionary<string, TensorDescription> _tensors = new(StringComparer.Ordinal);

    /// <param name="model">The model; the caller keeps ownership.</param>
    /// <param name="adapters">The adapters to merge; the constructor reads them, and the caller keeps ownership.</param>
    /// <exception cref="ModelFormatException">An adapter does not fit the model.</exception>
    public MergedModelFile(IModelFile model, IReadOnlyList<(AdapterFile File, float Scale)> adapters)
    {
        _model = model = Enlarge(model, adapters);
        ModelConfiguration configuration = ConfigurationReader.Read(model);
        new TensorShapes(configuration).Require(model);
        foreach ((AdapterFile file, float scale) in adapters)
        {
            foreach (BaseCopy copy in file.Copies.Where(copy => !IsEnlarged(copy)))
            {
                copy.RequireUnchanged(BaseTensor.Find(model, copy.BaseName), configuration.HeadLength, CancellationToken.None);
            }

            IReadOnlyList<Replacement> replacements = [.. file.ReplacementsOf(!model.TryGetTensor(LlamaTensors.Output.Name(), out _))];
            foreach (Replacement replacement in replacements.Concat(file.Copies.Where(IsEnlarged).Select(copy => new Replacement(copy.BaseName, copy.Tensor, copy.HasHuggingFaceHeads)
            { Above = replacements.FirstOrDefault(rows => rows.BaseName == copy.BaseName) })))
            {
                replacement.CheckShape(BaseTensor.Find(model, replacement.BaseName));
                MergedOf(replacement.BaseName, StoredOf(replacement.BaseName)).Add(replacement, scale);
            }

            foreach (AdapterPair pair in file.Pairs)
            {
                if (configuration.Family.Tensors.Find(NameSpace.Gguf, pair.BaseName) is not ({ TakesLora: true }, _) || !model.TryGetTensor(pair.BaseName, out TensorDescription? tensor))
                {
                    throw pair.IsOfNoTensor();
                }

                MergedOf(pair.BaseName, tensor).Add(pair, scale, pair.BaseName == LlamaTensors.TokenEmbedding.Name());
            }
        }

        Tensors = [.. Describe()];

        MergedTensor MergedOf(string name, TensorDescription stored)
        {
            if (!_merged.TryGetValue(name, out MergedTensor? merged))
            {
                _merged.Add(name, merged = new MergedTensor(model, stored, name, configuration.HeadLength));
            }

            return merged;
        }
    }

    public string Path => _model.Path;

    public string FormatName => _model.FormatName;

    public long ByteSize => _model.ByteSize;

    public IReadOnlyDictionary<string, object> Metadata => _model.Metadata;

    public IReadOnlyList<TensorDescription> Tensors { get; }

    /// <summary>The changed tensor of this name; null if the tensor is not changed.</summary>
    public MergedTensor? FindMerged(string name) => _merged.GetValueOrDefault(name);

    public bool TryGetTensor(string name, [NotNullWhen(true)] out TensorDescription? tensor) => _tensors.TryGetValue(name, out tensor);

    public long? MetadataOffset(string key) => _model.MetadataOffset(key);

    public void Read(TensorDescription tensor, long byteOffset, Span<byte> destination)
    {
        if (_merged.TryGetValue(tensor.Name, out MergedTensor? merged))
        {
            merged.Read(byteOffset, destination);
        }
        else
        {
            _model.Read(StoredOf(tensor.Name), byteOffset, destination);
        }
    }

    public void Dispose()
    {
    }

    // The model's tensor from which a tensor is made: that of the same name, or the embeddings, which an output matrix without a tensor of its own shares.
    private TensorDescription StoredOf(string name)
    {
        bool isShared = name == LlamaTensors.Output.Name() && !_model.TryGetTensor(name, out _);
        _model.TryGetTensor(isShared ? LlamaTensors.TokenEmbedding.Name() : name, out TensorDescription? stored);
        return stored!;
    }

    // A frozen copy of embeddings with rows of new tokens. The rows of the model's own tokens are as in the model, and the others are new.
    private bool IsEnlarged(BaseCopy copy) => _model is EnlargedModelFile && _model.TryGetTensor(copy.BaseName, out TensorDescription? tensor) && copy.Tensor.RowCount == tensor.RowCount
        && (copy.BaseName == LlamaTensors.TokenEmbedding.Name() || copy.BaseName == LlamaTensors.Output.Name());

    // If adapters have rows for more tokens than the model, its vocabulary is extended by their tokens.
    private static IModelFile Enlarge(IModelFile model, IReadOnlyList<(AdapterFile File, float Scale)> adapters)
    {
        int ownCount = ConfigurationReader.Read(model).VocabularySize;
        (AdapterFile File, Vocabulary Vocabulary, string? ChatTemplate)? first = null;
        foreach ((AdapterFile file, _) in adapters.Where(adapter => adapter.File.TokenCount > ownCount))
        {
            if (file.TokenCount > Vocabulary.MaxCount)
            {
                throw new ModelFormatException(file.Path, null, "the number of tokens", Invariant($"{file.TokenCount:N0}"), Invariant($"at most {Vocabulary.MaxCount:N0} are allowed"));
            }

            (Vocabulary vocabulary, string? template) = file.ExtendVocabulary(GgufVocabularyReader.Read(model), (int)file.TokenCount);
            first ??= (file, vocabulary, template);
            if (!vocabulary.Pieces.ToArray().AsSpan().SequenceEqual(first.Value.Vocabulary.Pieces.ToArray()))
            {
                throw new ModelFormatException(file.Path, null, "the new tokens", Invariant($"{file.TokenCount - ownCount:N0}"), $"'{first.Value.File.Path}' adds other tokens: merge only one of the two adapters");
            }
        }

        return first is { } found ? new EnlargedModelFile(model, found.Vocabulary, found.ChatTemplate) : model;
    }

    private IEnumerable<TensorDescription> Describe()
    {
        foreach (TensorDescription tensor in _model.Tensors)
        {
            TensorDescription description = FindMerged(tensor.Name)?.Description ?? tensor;
            _tensors.Add(tensor.Name, description);
            yield return description;
            // If the output matrix shares the embeddings, it keeps the unchanged embeddings unless it is replaced itself, as when the adapter is applied
            // without merging.
            MergedTensor? mergedOutput = FindMerged(LlamaTensors.Output.Name());
            if (tensor.Name == LlamaTensors.TokenEmbedding.Name() && (description != tensor || mergedOutput is not null) && !_model.TryGetTensor(LlamaTensors.Output.Name(), out _))
            {
                TensorDescription output = mergedOutput?.Description ?? new TensorDescription(LlamaTensors.Output.Name(), tensor.Type, [.. tensor.Dimensions], tensor.Offset, tensor.EntryOffset);
                _tensors.Add(output.Name, output);
                yield return output;
            }
        }
    }
}
