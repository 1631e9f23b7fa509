using Llama2.Formats.Gguf;
using Llama2.Model;

namespace Llama2.Tests.Model;

public sealed class BatchTests : IDisposable
{
    private readonly KeyValueCache _cache;

    public BatchTests()
    {
        using GgufFile file = new TinyLlama().Open();
        _cache = new KeyValueCache(ConfigurationReader.Read(file), 10);
    }

    public void Dispose() => _cache.Dispose();

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
        FluentActions.Invoking(() => batch.Add(1, 10, _cache, wantsLogits: true)).Should().Throw<ArgumentOutOfRangeException>().WithParameterName("position");
        (batch.Count, batch.LogitsCount).Should().Be((0, 0));
    }
}
