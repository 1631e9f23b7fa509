using System.ClientModel;
using Anthropic;
using Anthropic.Models.Messages;
using Microsoft.Agents.AI;
using Microsoft.Extensions.AI;
using Microsoft.SemanticKernel;
using OpenAI;

namespace Llama2.Server.Tests.Clients;

/// <summary>The examples of docs/server.md for clients in C#. The address is that of the server, such as http://127.0.0.1:8080.</summary>
internal static class ClientExamples
{
    public static async Task<string> AskOpenAIAsync(Uri address)
    {
        var client = new OpenAIClient(new ApiKeyCredential("none"), new OpenAIClientOptions { Endpoint = new Uri(address, "v1") });
        OpenAI.Chat.ChatCompletion answer = await client.GetChatClient("storyteller-1m-Q8_0").CompleteChatAsync("What sound does a cow make?");
        return answer.Content[0].Text;
    }

    public static async Task<string> AskAnthropicAsync(Uri address)
    {
        var client = new AnthropicClient { BaseUrl = address.GetLeftPart(UriPartial.Authority), ApiKey = "none" };
        Message answer = await client.Messages.Create(new MessageCreateParams
        {
            Model = "storyteller-1m-Q8_0",
            MaxTokens = 100,
            Messages = [new UserMessageParam("What sound does a cow make?")],
        });
        return string.Concat(answer.Content.Select(block => block.TryPickText(out TextBlock? text) ? text.Text : ""));
    }

    public static async Task<string> RunAgentAsync(OpenAIClient client)
    {
        AIAgent agent = client.GetChatClient("storyteller-1m-Q8_0").AsIChatClient().AsAIAgent(new ChatClientAgentOptions { ChatOptions = new() { Temperature = 0 } });
        AgentSession session = await agent.CreateSessionAsync();
        AgentResponse answer = await agent.RunAsync("What sound does a cow make?", session);
        return answer.Text;
    }

    public static async Task<string> RunKernelAsync(OpenAIClient client)
    {
        Kernel kernel = Kernel.CreateBuilder().AddOpenAIChatCompletion("storyteller-1m-Q8_0", client).Build();
        FunctionResult answer = await kernel.InvokePromptAsync("What sound does a cow make?");
        return answer.ToString();
    }
}
