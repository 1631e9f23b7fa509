namespace Llama2.Tests.Chat;

public class LlamaMessageTests
{
    [Fact]
    public void Factories_GiveTheirRoles()
    {
        LlamaMessage.System("a").Should().Be(new LlamaMessage(LlamaRole.System, "a"));
        LlamaMessage.User("b").Should().Be(new LlamaMessage(LlamaRole.User, "b"));
        LlamaMessage.Assistant("c").Should().Be(new LlamaMessage(LlamaRole.Assistant, "c"));
    }

    [Fact]
    public void Create_NoTextOrNoRole_IsRefused()
    {
        FluentActions.Invoking(() => LlamaMessage.User(null!)).Should().Throw<ArgumentNullException>();
        FluentActions.Invoking(() => LlamaMessage.User("a") with { Content = null! }).Should().Throw<ArgumentNullException>();
        FluentActions.Invoking(() => new LlamaMessage((LlamaRole)4, "a")).Should().Throw<ArgumentOutOfRangeException>();
    }
}
