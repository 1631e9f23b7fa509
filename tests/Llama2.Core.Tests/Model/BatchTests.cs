using Llama2.Formats.Gguf;
using Llama2.Kernels;
using Llama2.Model;

namespace Llama2.Tests.Model;

public sealed class BatchTests : IDisposable
{
    private readonly TestCache _memory;
    private readonly KeyValueCache _cache;

    public BatchTests()
    {
        using GgufFile file = new TinyLlama().Open();
        ModelConfiguration configuration = ConfigurationReader.Read(file);
        _memory = new TestCache(configuration, Attentions.For(configuration), 10);
        _cache = _memory.Cache;
    }

    public void Dispose() => _memory.Dispose();

    [Fact]
    public void Add_TokensWithAndWithoutLogits_NumbersTheRowsOfTheLogits()
    {
        var batch = new Batch(4);
        batch.Add(11, 0, _cache, wantsLogits: false).Should().Be(-1);
        batch.Add(12, 1, _cache, wantsLogits: true).Should().Be(0);
        batch.Add(13, 2, _cache, wantsLogits: false).Should().Be(-1);
        batch.Add(14, 9, _cache, wantsLogits: true).Should().Be(1);

        (batch.Capacity, batch.Count, batch.LogitsCount).Should().Be((4, 4, 2));
        batch.LogitsTokens.ToArray().Should().Equal(1, 3);
        batch.Entries.ToArray().Should().Equal(new(11, 0, _cache), new(12, 1, _cache), new(13, 2, _cache), new(14, 9, _cache));
    }

    [Fact]
    public void Add_TokensWithHiddenStates_NumbersTheirRowsApartFromTheLogits()
    {
        var batch = new Batch(4);
        batch.Add(11, 0, _cache, wantsLogits: true).Should().Be(0);
        batch.Add(12, 1, _cache, wantsLogits: false, wantsHiddenState: true).Should().Be(-1);
        batch.Add(13, 2, _cache, wantsLogits: false).Should().Be(-1);
        batch.Add(14, 3, _cache, wantsLogits: false, wantsHiddenState: true).Should().Be(-1);

        (batch.Count, batch.LogitsCount, batch.HiddenStateCount).Should().Be((4, 1, 2));
        batch.LogitsTokens.ToArray().Should().Equal(0);
        batch.HiddenStateTokens.ToArray().Should().Equal(1, 3);
        batch.Clear();
        (batch.HiddenStateCount, batch.HiddenStateTokens.Length).Should().Be((0, 0));
    }

    [Fact]
    public void Clear_FilledBatch_IsEmptyAndForgetsItsCaches()
    {
        var batch = new Batch(2);
        batch.Add(1, 0, _cache, wantsLogits: true);
        batch.Clear();
        (batch.Count, batch.LogitsCount, batch.Entries.Length, batch.LogitsTokens.Length).Should().Be((0, 0, 0, 0));
        batch.Add(2, 3, _cache, wantsLogits: true).Should().Be(0);
        batch.Entries.ToArray().Should().Equal(new Batch.Entry(2, 3, _cache));
    }

    [Fact]
    public void Add_PositionBeyondTheCache_ThrowsAndAddsNothing()
    {
        var batch = new Batch(2);
        FluentActions.Invoking(() => batch.Add(1, Attention.BlockLength, _cache, wantsLogits: true)).Should().Throw<ArgumentOutOfRangeException>().WithParameterName("position");
        (batch.Count, batch.LogitsCount).Should().Be((0, 0));
    }

    [Fact]
    public void FindRuns_TokensOfTwoSequences_CutsWhereTheSequenceChangesAndAtTheLimit()
    {
        using GgufFile file = new TinyLlama().Open();
        ModelConfiguration configuration = ConfigurationReader.Read(file);
        using var otherMemory = new TestCache(configuration, Attentions.For(configuration), 10);
        KeyValueCache other = otherMemory.Cache;
        var batch = new Batch(8);
        for (int position = 0; position < 5; position++)
        {
            batch.Add(1, position, _cache, wantsLogits: false);
        }

        batch.Add(1, 0, other, wantsLogits: false);
        batch.Add(1, 5, _cache, wantsLogits: false);

        batch.FindRuns(2);

        Enumerable.Range(0, batch.RunCount).Select(batch.RunAt).Should().Equal(0..2, 2..4, 4..5, 5..6, 6..7);
        batch.Clear();
        batch.FindRuns(2);
        batch.RunCount.Should().Be(0);
    }
}
