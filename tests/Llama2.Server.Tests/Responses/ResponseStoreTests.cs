using Llama2.Server.Responses;

namespace Llama2.Server.Tests.Responses;

public sealed class ResponseStoreTests
{
    private static readonly long s_byteSize = Create("a").ByteSize;

    [Fact]
    public void Add_MoreThanTheMaximumNumber_DropsTheOneThatWasNotUsedForTheLongest()
    {
        var store = new ResponseStore(2, long.MaxValue);
        store.Add(Create("a"));
        store.Add(Create("b"));
        store.Find(null, "a");
        store.Add(Create("c"));

        IdsOf(store).Should().Equal("a", "c");
        store.FindItem(null, "item of b").Should().BeNull();
        store.FindItem(null, "item of c").Should().NotBeNull();
    }

    [Fact]
    public void Add_MoreThanTheMaximumSize_DropsUntilItFits()
    {
        var store = new ResponseStore(100, 3 * s_byteSize);
        foreach (string id in (string[])["a", "b", "c"])
            store.Add(Create(id));
        store.Add(Create("d", length: 100));

        IdsOf(store).Should().Equal("c", "d");
    }

    [Fact]
    public void Add_LargerThanTheMaximumSize_IsNotStored()
    {
        var store = new ResponseStore(100, s_byteSize);
        store.Add(Create("a"));
        store.Add(Create("b", length: 100));

        IdsOf(store).Should().Equal("a");
    }

    [Theory]
    [InlineData("")]
    [InlineData("a")]
    public void ByteSizeOf_MessageOfManyParts_IsNotLessThanItsMemory(string text)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        var parts = new ResponseContent[65_000];
        for (int i = 0; i < parts.Length; i++)
            parts[i] = ResponseContent.OfInput(text.Length == 0 ? "" : new string(text[0], 1));
        long memory = GC.GetAllocatedBytesForCurrentThread() - before;

        ResponseItem.ByteSizeOf(new ResponseItem(ResponseItem.Message, "msg_1") { Content = parts }).Should().BeInRange(memory, 3 * memory);
    }

    [Fact]
    public void Remove_Response_MakesRoom()
    {
        var store = new ResponseStore(100, 2 * s_byteSize);
        store.Add(Create("a"));
        store.Add(Create("b"));

        store.Remove(null, "a").Should().BeTrue();
        store.Remove(null, "a").Should().BeFalse();
        store.Add(Create("c"));

        IdsOf(store).Should().Equal("b", "c");
    }

    [Fact]
    public void Find_OtherScope_FindsNothing()
    {
        var store = new ResponseStore(100, long.MaxValue);
        store.Add(Create("a", scope: "ada"));

        store.Find("bob", "a").Should().BeNull();
        store.Find(null, "a").Should().BeNull();
        store.FindItem("bob", "item of a").Should().BeNull();
        store.Remove("bob", "a").Should().BeFalse();
        store.Find("ada", "a").Should().NotBeNull();
    }

    [Fact]
    public void ByteSize_LongTexts_CountsTheirCharacters() => (Create("a", length: 1000).ByteSize - s_byteSize).Should().Be(2 * 999);

    private static string[] IdsOf(ResponseStore store) => [.. ((string[])["a", "b", "c", "d"]).Where(id => store.Find(null, id) is not null)];

    private static StoredResponse Create(string id, string? scope = null, int length = 1) => new(
        id, scope, new byte[100],
        [new ResponseItem(ResponseItem.Message, "input") { Role = "user", Content = [ResponseContent.OfInput(new string('x', length))] }],
        [new ResponseItem(ResponseItem.Message, $"item of {id}") { Role = "assistant", Content = [ResponseContent.OfOutput("y")] }]);
}
