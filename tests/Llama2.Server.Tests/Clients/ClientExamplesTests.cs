using System.ClientModel;
using OpenAI;

namespace Llama2.Server.Tests.Clients;

public sealed class ClientExamplesTests(GreedyStoryteller storyteller) : IClassFixture<GreedyStoryteller>
{
    private OpenAIClient OpenAI => new(new ApiKeyCredential("none"), new OpenAIClientOptions { Endpoint = new Uri(Address, "v1") });

    private Uri Address => storyteller.Server.Client.BaseAddress!;

    [Fact]
    public async Task AskOpenAI_Question_IsAnswered() => (await ClientExamples.AskOpenAIAsync(Address)).Should().Be(Storyteller.Answer);

    [Fact]
    public async Task AskAnthropic_Question_IsAnswered() => (await ClientExamples.AskAnthropicAsync(Address)).Should().Be(Storyteller.Answer);

    [Fact]
    public async Task RunAgent_Question_IsAnswered() => (await ClientExamples.RunAgentAsync(OpenAI)).Should().Be(Storyteller.Answer);

    [Fact]
    public async Task RunKernel_Question_IsAnswered() => (await ClientExamples.RunKernelAsync(OpenAI)).Should().Be(Storyteller.Answer);
}
