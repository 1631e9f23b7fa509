using Llama2.Chat;

namespace Llama2.Tests.Chat;

public class TurnOrderTests
{
    [Theory]
    [InlineData("U", true)]
    [InlineData("SU", true)]
    [InlineData("SUAU", true)]
    [InlineData("UA", false)]
    [InlineData("SUA", false)]
    [InlineData("U", false)]
    public void Check_TurnsInOrder_AreTaken(string roles, bool addGenerationPrompt) =>
        FluentActions.Invoking(() => TurnOrder.Check(Messages(roles), addGenerationPrompt ? PromptEnd.GenerationPrompt : PromptEnd.Message)).Should().NotThrow();

    [Theory]
    [InlineData("S", true, 0)]
    [InlineData("A", true, 0)]
    [InlineData("SA", true, 1)]
    [InlineData("UU", true, 1)]
    [InlineData("UAS", false, 2)]
    [InlineData("SS", false, 1)]
    [InlineData("UAAU", true, 2)]
    [InlineData("UA", true, 1)]
    public void Check_OtherOrders_AreRefusedAtTheMessage(string roles, bool addGenerationPrompt, int messageIndex) =>
        FluentActions.Invoking(() => TurnOrder.Check(Messages(roles), addGenerationPrompt ? PromptEnd.GenerationPrompt : PromptEnd.Message))
            .Should().Throw<PromptFormatException>().WithMessage("*user and assistant take turns*").Which.MessageIndex.Should().Be(messageIndex);

    private static LlamaMessage[] Messages(string roles) =>
        [.. roles.Select(role => new LlamaMessage(role == 'S' ? LlamaRole.System : role == 'U' ? LlamaRole.User : LlamaRole.Assistant, "x"))];
}
