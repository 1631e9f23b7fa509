using Llama2.Extensions.Tests;
using Llama2.Tests;
using Microsoft.Extensions.AI;
using static Llama2.Extensions.Tests.ToolTexts;

namespace Llama2.Server.Tests.Clients;

/// <summary>A question for which a model calls a function twice. A client of Microsoft.Extensions.AI executes the calls and sends their results.</summary>
internal static class TemperatureQuestion
{
    private const string Question = "Which is colder, Oslo or Rome?";
    private const string Answer = "Oslo is colder.";

    /// <summary>Asks the question, and checks the answer and the prompt with the results.</summary>
    /// <param name="connect">Connects a client to a model of a server.</param>
    /// <param name="streams">Whether the client streams the answers.</param>
    /// <param name="configure">Changes the options.</param>
    public static async Task AskAsync(Func<LocalServer, string, IChatClient> connect, bool streams = false, Action<ChatOptions>? configure = null)
    {
        var script = new ConstrainedScript(
            ModelTokenizer.Load(DemonstrationModel.Path), Call("get_temperature", """{"city": "Oslo"}""") + "\n" + Call("get_temperature", """{"city": "Rome"}"""), Answer);
        await using LocalServer server = await LocalServer.StartAsync(script);
        using IChatClient client = connect(server, "script").AsBuilder().UseFunctionInvocation().Build();
        var options = new ChatOptions { Tools = [AIFunctionFactory.Create((string city) => city == "Oslo" ? 4 : 21, "get_temperature")] };
        configure?.Invoke(options);
        ChatMessage[] messages = [new(ChatRole.System, "Be brief."), new(ChatRole.User, Question)];

        ChatResponse response = streams
            ? await client.GetStreamingResponseAsync(messages, options).ToChatResponseAsync()
            : await client.GetResponseAsync(messages, options);

        response.Text.Should().Be(Answer);
        script.Prompts[1].Should().ContainAll("Be brief.", Question, "\"content\": 4", "\"content\": 21");
    }
}
