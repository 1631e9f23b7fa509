using Llama2.Tests.Grammar;

namespace Llama2.Tests;

[Collection(nameof(LlamaModelAllocationTests))]
public class LlamaModelConstraintAllocationTests
{
    private const int TokenCount = 100;

    public static TheoryData<string, float> Cases => LongTexts.With(0, 1.5f);

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task GenerateAsync_WithAConstraint_AllocatesNothingAfterTheFirstToken_AsWithoutOne(string name, float temperature)
    {
        // With one thread, tokens are chosen on the thread that computes them.
        using LlamaModel model = LlamaModel.Load(DemonstrationModel.Path, new LlamaModelOptions { ThreadCount = 1 });
        var options = new GenerationOptions
        {
            Temperature = temperature,
            Seed = 5,
            MaxTokens = 480, // more tokens than are measured, because the last update allocates the object with the usage
            IgnoreEndOfSequence = true,
            // An array ends only where nothing else is allowed. Tokens of single bytes are avoided, because the decoder creates a string for each character
            // that they form.
            LogitBias = LongTexts.EndTokens(model.Tokenizer).Concat(model.Tokenizer.Vocabulary.ByteIds[128..].ToArray()).ToDictionary(token => token, _ => -50f),
        };

        (long Half, long All) unconstrained = await Allocated(model, options);
        (long Half, long All) constrained = await Allocated(model, options with { Constraint = LongTexts.Create(name) });

        unconstrained.Should().Be((0, 0));
        constrained.Should().Be((0, 0));
    }

    // The bytes that the model's thread allocates for N tokens and for 2N tokens: the minimum of several generations with the same text. The first of
    // them creates what all generations with the constraint share.
    private static async Task<(long Half, long All)> Allocated(LlamaModel model, GenerationOptions options)
    {
        long half = long.MaxValue, all = long.MaxValue;
        for (int repeat = 0; repeat < 6; repeat++)
        {
            var meter = new Meter(LongTexts.BracketToken(model.Tokenizer));
            await model.GenerateTextAsync("Once upon a time", options with { LogitProcessors = [new(_ => meter)] });
            half = Math.Min(half, meter.AllocatedFor(TokenCount));
            all = Math.Min(all, meter.AllocatedFor(2 * TokenCount));
        }

        return (half, all);
    }

    /// <summary>Begins the text with an array if the constraint allows it, and notes what the thread has allocated when each token is chosen.</summary>
    private sealed class Meter(int firstToken) : ILogitProcessor
    {
        private readonly long[] _allocated = new long[512];
        private int _count;

        // The bytes allocated for tokens after the first one. The first one is not counted, because its text is a new string without the leading space.
        public long AllocatedFor(int tokenCount)
        {
            _count.Should().BeGreaterThan(tokenCount + 1);
            return _allocated[tokenCount + 1] - _allocated[1];
        }

        public void Process(TokenCandidates candidates, ReadOnlySpan<int> history)
        {
            if (_count == 0)
                candidates.Logits[firstToken] += 100;
        }

        public void Accept(int token, double probability) => _allocated[_count++] = GC.GetAllocatedBytesForCurrentThread();
    }
}
