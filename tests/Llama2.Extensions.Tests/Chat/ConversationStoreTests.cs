using Llama2.Extensions.Chat;

namespace Llama2.Extensions.Tests.Chat;

public class ConversationStoreTests
{
    [Fact]
    public void Open_AfterClose_FindsWhatWasSaid()
    {
        var store = new ConversationStore(2, 100);
        Say(store, "a", "one");

        store.Open("a").Messages.Should().Equal(LlamaMessage.User("one"));
    }

    [Fact]
    public void Close_WithoutAnswer_LeavesTheConversationAsItWas()
    {
        var store = new ConversationStore(2, 100);
        Say(store, "a", "one");
        store.Close(store.Open("a"), null);
        store.Close(store.Open("b"), null);

        store.Open("a").Messages.Should().Equal(LlamaMessage.User("one"));
        store.Open("b").Messages.Should().BeEmpty();
    }

    [Fact]
    public void Close_MoreThanTheCount_DropsTheLeastRecentlyUsed()
    {
        var store = new ConversationStore(2, 100);
        Say(store, "a", "one");
        Say(store, "b", "two");
        Say(store, "a", "three");
        Say(store, "c", "four");

        Dropped(store, "b");
        store.Open("a").Messages.Should().HaveCount(2);
    }

    [Fact]
    public void Close_MoreThanTheLength_DropsTheLeastRecentlyUsed()
    {
        var store = new ConversationStore(10, 10);
        Say(store, "a", "12345");
        Say(store, "b", "12345");
        Say(store, "c", "1");

        Dropped(store, "a");
        store.Open("b").Messages.Should().ContainSingle();
    }

    [Fact]
    public void Close_OneLongerThanAllMayBe_DropsIt()
    {
        var store = new ConversationStore(10, 10);
        Say(store, "a", "12345678901");

        Dropped(store, "a");
    }

    [Fact]
    public void Open_WhileARequestGoesOnWithIt_IsAnErrorThatNamesIt()
    {
        var store = new ConversationStore(1, 100);
        store.Open("a");

        store.Invoking(it => it.Open("a")).Should().Throw<InvalidOperationException>().WithMessage("Conversation 'a'*");
    }

    [Fact]
    public void MakeRoom_ConversationsBeingAnswered_AreKept()
    {
        var store = new ConversationStore(1, 100);
        Conversation busy = store.Open("a");
        Say(store, "b", "two");
        store.Close(busy, [LlamaMessage.User("one")]);

        Dropped(store, "b");
        store.Open("a").Messages.Should().Equal(LlamaMessage.User("one"));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(257)]
    public void Open_IdEmptyOrTooLong_IsAnArgumentError(int length) =>
        new ConversationStore(1, 1).Invoking(it => it.Open(new string('a', length))).Should().Throw<ArgumentException>().WithMessage($"*{length}*");

    [Fact]
    public void Open_ManyIds_RemembersABoundedNumberOfThem()
    {
        var store = new ConversationStore(1, 100);
        for (int i = 0; i <= 1 << 16; i++)
            Say(store, $"{i}", "x");

        Dropped(store, "0");
        Say(store, "another", "x");
        store.Open("0").Messages.Should().BeEmpty("the first id dropped is the first forgotten");
    }

    private static void Say(ConversationStore store, string id, string text)
    {
        Conversation conversation = store.Open(id);
        store.Close(conversation, [.. conversation.Messages, LlamaMessage.User(text)]);
    }

    private static void Dropped(ConversationStore store, string id) =>
        store.Invoking(it => it.Open(id)).Should().Throw<ConversationDroppedException>().Which.ConversationId.Should().Be(id);
}
