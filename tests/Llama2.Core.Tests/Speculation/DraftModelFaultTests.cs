using System.Runtime.InteropServices;
using Llama2.Memory;
using Llama2.Tensors;

namespace Llama2.Tests.Speculation;

/// <summary>A draft model that fails: the text is the same, and the failure is said once. One test takes all memory of the process.</summary>
[Collection(nameof(Threading.Undisturbed))]
public sealed class DraftModelFaultTests : IDisposable
{
    private const string Prompt = "Once upon a time, there was a cat.";
    private const int TokenCount = 120;
    private static readonly GenerationOptions s_plain = new() { Temperature = 0, MaxTokens = TokenCount, IgnoreEndOfSequence = true, Speculation = SpeculationOptions.Off };
    private static readonly SpeculationOptions s_guessing = new() { Sources = [DraftSource.DraftModel], IsAdaptive = false, MaxDraftLength = 4 };
    private readonly TemporaryFolder _folder = new();
    private readonly List<Exception> _faults = [];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task GenerateAsync_DraftModelThatFailsInTheMiddle_EndsItsGuessesThereAndSaysSoOnce()
    {
        int productCount = 0;
        var exception = new InvalidOperationException("a fault of the draft model");
        using LlamaModel model = Load((name, matrix) => name == "blk.0.ffn_down.weight" ? new FaultyMatrix(matrix, () =>
        {
            if (++productCount > 30)
            {
                throw exception;
            }
        }) : matrix);
        GenerationResult expected = await model.GenerateTextAsync(Prompt, s_plain);

        GenerationResult first = await model.GenerateTextAsync(Prompt, s_plain with { Speculation = s_guessing });
        GenerationResult second = await model.GenerateTextAsync(Prompt, s_plain with { Speculation = s_guessing });

        (first.Text, second.Text).Should().Be((expected.Text, expected.Text));
        first.Usage.AcceptedDraftTokenCount.Should().BeInRange(10, 30);
        second.Usage.DraftTokenCount.Should().Be(0);
        (expected.Usage.DraftModelFault, first.Usage.DraftModelFault, second.Usage.DraftModelFault).Should().Be((null, exception.Message, exception.Message));
        _faults.Should().ContainSingle().Which.Should().BeSameAs(exception);
    }

    [Fact]
    public async Task GenerateAsync_DraftModelWhoseLogitsOverflow_SaysSo()
    {
        string path = _folder.File("overflowing.gguf");
        byte[] bytes = File.ReadAllBytes(DemonstrationModel.Path);
        // The weights of the last norm.
        MemoryMarshal.Cast<byte, float>(bytes.AsSpan(^512..)).Fill(float.MaxValue);
        File.WriteAllBytes(path, bytes);
        using LlamaModel model = LlamaModel.Load(DemonstrationModel.Path, new LlamaModelOptions { ThreadCount = 2, DraftModel = path });
        GenerationResult expected = await model.GenerateTextAsync(Prompt, s_plain);

        GenerationResult actual = await model.GenerateTextAsync(Prompt, s_plain with { Speculation = s_guessing });

        actual.Text.Should().Be(expected.Text);
        actual.Usage.DraftModelFault.Should().Contain("logits must be finite");
    }

    [Fact]
    public async Task GenerateAsync_NoMemoryForTheDraftModel_EndsItsGuessesAndSaysSo()
    {
        using LlamaModel model = Load();
        GenerationResult expected = await model.GenerateTextAsync(Prompt, s_plain);
        long taken = 0;
        // The first token takes the rest of the memory: the model has its own keys and values by then, the draft model has none.
        var step = new LogitProcessorStep(_ => new Callback(() => MemoryBudget.Count(taken == 0 ? taken = MemoryBudget.LimitBytes : 0)));
        GenerationResult actual;
        try
        {
            actual = await model.GenerateTextAsync(Prompt, s_plain with { Speculation = s_guessing, LogitProcessors = [step] });
        }
        finally
        {
            MemoryBudget.Count(-taken);
        }

        GenerationResult later = await model.GenerateTextAsync(Prompt, s_plain with { Speculation = s_guessing });

        actual.Text.Should().Be(expected.Text);
        actual.Usage.DraftTokenCount.Should().Be(0);
        actual.Usage.DraftModelFault.Should().Match("There is not enough memory for the keys and values of * tokens: * are needed, 0 bytes are available. The draft model guesses for fewer texts*");
        _faults.Should().ContainSingle().Which.Should().BeOfType<LlamaMemoryException>();
        later.Usage.AcceptedDraftTokenCount.Should().BePositive();
        later.Usage.DraftModelFault.Should().BeNull();
    }

    // The application's code throws, which must not matter.
    private LlamaModel Load(Func<string, WeightMatrix, WeightMatrix>? observeDraft = null) => LlamaModel.Load(DemonstrationModel.Path, new LlamaModelOptions
    {
        ThreadCount = 2,
        DraftModel = SameTextTests.CreateDraftModel(_folder),
        ObserveDraft = observeDraft,
        OnDraftModelFault = fault =>
        {
            _faults.Add(fault);
            throw new InvalidOperationException("the log is full");
        },
    });

    /// <summary>Calls a method before each product.</summary>
    private sealed class FaultyMatrix(WeightMatrix matrix, Action beforeProduct) : WeightMatrix(matrix.Type, matrix.RowCount, matrix.ColumnCount)
    {
        public override long ByteSize => matrix.ByteSize;

        public override IReadOnlyList<WeightBytes> Parts => matrix.Parts;

        public override bool IsQuantized => matrix.IsQuantized;

        public override bool SplitsActivations => matrix.SplitsActivations;

        public override bool TryFill(int panel, ReadOnlySpan<byte> rows) => matrix.TryFill(panel, rows);

        public override void Multiply(int startPanel, int endPanel, Activations input, int startToken, int endToken, Activations output, bool accumulate)
        {
            if (startPanel == 0)
            {
                beforeProduct();
            }

            matrix.Multiply(startPanel, endPanel, input, startToken, endToken, output, accumulate);
        }

        public override void Decode(int panel, int startColumn, int columnCount, Span<float> weights) => matrix.Decode(panel, startColumn, columnCount, weights);

        public override void Dispose() => matrix.Dispose();
    }

    private sealed class Callback(Action action) : ILogitProcessor
    {
        public void Process(TokenCandidates candidates, ReadOnlySpan<int> history) => action();
    }
}
