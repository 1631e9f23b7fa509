using Llama2.Formats.Gguf;
using Llama2.Generation;
using Llama2.Model;
using Llama2.Tests.Model;

namespace Llama2.Tests.Generation;

/// <summary>Hidden states are written by the test as a pass would write them.</summary>
public sealed class EmbeddingSequenceTests : IDisposable
{
    private readonly ModelConfiguration _configuration;
    private readonly InferenceState _state;
    private readonly KeyValuePool _memory;
    private readonly Batch _batch = new(8);
    private readonly TokenCandidates _candidates = new(1);

    public EmbeddingSequenceTests()
    {
        using GgufFile file = new TinyLlama().Open();
        _configuration = ConfigurationReader.Read(file);
        _state = new InferenceState(_configuration, 8, 1, 1);
        _memory = new KeyValuePool(_configuration, Attentions.For(_configuration), 1 << 20);
    }

    public void Dispose()
    {
        _memory.Dispose();
        _state.Dispose();
    }

    [Theory]
    [InlineData(EmbeddingPooling.Mean, false, 2, -3)]
    [InlineData(EmbeddingPooling.LastToken, false, 6, -8)]
    [InlineData(EmbeddingPooling.Mean, true, 0.5547002f, -0.8320503f)]
    [InlineData(EmbeddingPooling.LastToken, true, 0.6f, -0.8f)]
    public async Task Embedding_OfThreeTokensInTwoBatches_IsPooledAndNormalizedAsAsked(EmbeddingPooling pooling, bool normalize, float first, float second)
    {
        EmbeddingSequence sequence = Create(3, new EmbeddingOptions { Pooling = pooling, Normalize = normalize });
        (float, float)[] states = [(1, 2), (-1, -3), (6, -8)];

        Complete(sequence, states[..2]);
        sequence.Embedding.IsCompleted.Should().BeFalse();
        Complete(sequence, states[2..]);

        sequence.IsFinished.Should().BeTrue();
        float[] embedding = await sequence.Embedding;
        embedding.Should().HaveCount(_configuration.EmbeddingLength);
        embedding[..2].Should().Equal(first, second);
        embedding[2..].Should().OnlyContain(element => element == 0);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Embedding_OfZeros_StaysZero(bool normalize)
    {
        EmbeddingSequence sequence = Create(2, new EmbeddingOptions { Normalize = normalize });

        Complete(sequence, (1, -2), (-1, 2));

        (await sequence.Embedding).Should().OnlyContain(element => element == 0);
    }

    // The square of the first value overflows float32, and that of the second underflows.
    [Theory]
    [InlineData(3e38f)]
    [InlineData(1e-44f)]
    public async Task Embedding_OfGreatestAndLeastNumbers_HasUnitLength(float value)
    {
        EmbeddingSequence sequence = Create(2, new EmbeddingOptions());

        Complete(sequence, (value, 0), (value, 0));

        (await sequence.Embedding)[..2].Should().Equal(1, 0);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.NegativeInfinity)]
    public void Deliver_HiddenStateThatIsNotFinite_FailsAndNamesElementAndPosition(float value)
    {
        EmbeddingSequence sequence = Create(3, new EmbeddingOptions());
        Complete(sequence, (1, 1));

        Complete(sequence, (1, value), (1, 1));

        NumericalException exception = sequence.Fault.Should().BeOfType<NumericalException>().Which;

        exception.Message.Should().Contain("Element 1").And.Contain("position 1");
        (exception.TokenId, exception.Value).Should().Be(((int?)null, value));
    }

    [Fact]
    public void Deliver_Token_AllocatesNothing()
    {
        EmbeddingSequence sequence = Create(100, new EmbeddingOptions());

        AllocationMeter.Measure(() =>
        {
            _batch.Clear();
            sequence.Deliver(sequence.AddTo(_batch, _batch.Capacity, logitsCapacity: 1), _state, logitsRow: 0, _candidates);
            sequence.Commit();
        }).Should().Be(0);

        sequence.ComputedCount.Should().BeGreaterThan(8);
        sequence.IsFinished.Should().BeFalse();
    }

    private EmbeddingSequence Create(int tokenCount, EmbeddingOptions options)
    {
        var sequence = new EmbeddingSequence(new int[tokenCount], _configuration.EmbeddingLength, options);
        sequence.TryStart(_memory).Should().BeTrue();
        return sequence;
    }

    // One batch, in which the hidden state of another sequence comes first. The first two elements of a state are given, the others are 0.
    private void Complete(EmbeddingSequence sequence, params (float First, float Second)[] states)
    {
        var batch = new Batch(states.Length + 1);
        EmbeddingSequence other = Create(1, new EmbeddingOptions());
        other.AddTo(batch, batch.Capacity, logitsCapacity: 1);
        int count = sequence.AddTo(batch, batch.Capacity, logitsCapacity: 1);
        count.Should().Be(states.Length);
        for (int row = 0; row < batch.HiddenStateCount; row++)
        {
            _state.HiddenStates[row].Clear();
            int index = batch.HiddenStateTokens.Span[row] - 1;
            (_state.HiddenStates[row][0], _state.HiddenStates[row][1]) = index < 0 ? (100, 100) : states[index];
        }

        sequence.Deliver(count, _state, logitsRow: 0, _candidates);
        sequence.Commit();
    }
}
