using System.ClientModel;
using Llama2.Extensions.Tests;
using Llama2.Tests;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;
using Microsoft.SemanticKernel.Connectors.OpenAI;
using OpenAI;
using static Llama2.Extensions.Tests.ToolTexts;

namespace Llama2.Server.Tests.Clients;

/// <summary>Semantic Kernel's connector for OpenAI.</summary>
public sealed class SemanticKernelTests(Storyteller storyteller) : IClassFixture<Storyteller>
{
    [Fact]
    public async Task GetChatMessageContent_Question_IsAnswered()
    {
        ChatMessageContent answer = await Chat(storyteller.Server, Storyteller.Name).GetChatMessageContentAsync(
            new ChatHistory(Storyteller.Question, AuthorRole.User), new OpenAIPromptExecutionSettings { Temperature = 0 });

        answer.Content.Should().Be(Storyteller.Answer);
    }

    [Fact]
    public async Task GetStreamingChatMessageContents_Question_IsAnsweredInParts()
    {
        StreamingChatMessageContent[] parts = await Chat(storyteller.Server, Storyteller.Name).GetStreamingChatMessageContentsAsync(
            new ChatHistory(Storyteller.Question, AuthorRole.User), new OpenAIPromptExecutionSettings { Temperature = 0 }).ToArrayAsync();

        string.Concat(parts.Select(part => part.Content)).Should().Be(Storyteller.Answer);
        parts.Should().HaveCountGreaterThan(2);
    }

    [Fact]
    public async Task GetChatMessageContent_FunctionOfAPlugin_IsCalled()
    {
        var script = new ConstrainedScript(ModelTokenizer.Load(DemonstrationModel.Path), Call("weather-get_temperature", """{"city": "Oslo"}"""), "It is 4 degrees.");
        await using LocalServer server = await LocalServer.StartAsync(script);
        var kernel = new Kernel();
        kernel.Plugins.AddFromFunctions("weather", [KernelFunctionFactory.CreateFromMethod((string city) => city == "Oslo" ? 4 : 21, "get_temperature")]);

        ChatMessageContent answer = await Chat(server, "script").GetChatMessageContentAsync(
            new ChatHistory("Is it cold in Oslo?", AuthorRole.User), new OpenAIPromptExecutionSettings { FunctionChoiceBehavior = FunctionChoiceBehavior.Auto() }, kernel);

        answer.Content.Should().Be("It is 4 degrees.");
        script.Prompts[1].Should().Contain("\"content\": 4");
    }

    private static OpenAIChatCompletionService Chat(LocalServer server, string model) =>
        new(model, new OpenAIClient(new ApiKeyCredential("none"), new OpenAIClientOptions { Endpoint = new Uri(server.Client.BaseAddress!, "v1") }));
}
