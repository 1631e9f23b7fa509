using Llama2.Tests;
using Microsoft.Extensions.AI;
using UnitTesting;

namespace Llama2.Extensions.Tests.Chat;

public sealed class PromptCounterTests
{
    private static readonly ChatMessage[] s_messages = [new(ChatRole.User, "Do cows moo?"), new(ChatRole.Assistant, "Yes."), new(ChatRole.User, "Always?")];

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public async Task CountPromptTokens_Request_IsTheLengthOfThePromptThatTheModelReads(bool hasTools, bool hasFormat)
    {
        using var model = new PromptRecorder(new ScriptedModel(ModelTokenizer.Load(DemonstrationModel.Path), "Yes."));
        using var client = new LlamaChatClient(model);
        var options = new ChatOptions
        {
            Instructions = "Be brief.",
            Tools = hasTools ? [AIFunctionFactory.Create((string city) => 4, "get_temperature")] : null,
            ResponseFormat = hasFormat ? ChatResponseFormat.ForJsonSchema<string[]>() : null,
        };

        int count = await client.CountPromptTokensAsync(s_messages, options, CancellationToken.None);

        model.Prompts.Should().BeEmpty("the model is not called");
        await client.GetResponseAsync(s_messages, options);
        count.Should().Be(model.Prompts.Single().Length);
    }

    [Fact]
    public async Task CountPromptTokens_PromptLongerThanTheContext_IsCounted()
    {
        using var model = LlamaModel.Load(DemonstrationModel.Path);
        using var client = new LlamaChatClient(model);
        ChatMessage[] messages = [new(ChatRole.User, string.Concat(Enumerable.Repeat("cow ", model.ContextLength)))];

        (await client.CountPromptTokensAsync(messages, null, CancellationToken.None)).Should().BeGreaterThan(model.ContextLength);
    }
}
