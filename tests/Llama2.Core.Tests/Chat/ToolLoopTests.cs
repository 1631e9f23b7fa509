using System.Text.Json;

namespace Llama2.Tests.Chat;

/// <summary>Conversations in which the demonstration model itself decides to call a tool, and answers from the result.</summary>
public sealed class ToolLoopTests(DemonstrationModel demonstration) : IClassFixture<DemonstrationModel>
{
    private static readonly LlamaTool s_weather = new(
        "get_weather", "The weather in a city",
        JsonElement.Parse("""{ "type": "object", "properties": { "city": { "type": "string" } }, "required": ["city"] }"""));

    private static readonly LlamaTool s_product = new(
        "multiply", "The product of two numbers",
        JsonElement.Parse("""{ "type": "object", "properties": { "left": { "type": "integer" }, "right": { "type": "integer" } }, "required": ["left", "right"] }"""));

    private static readonly ChatSessionOptions s_options = new() { Tools = [s_weather, s_product], Generation = new GenerationOptions { Temperature = 0 } };

    [Fact]
    public async Task SendAsync_QuestionsThatNeedTools_AreCallsAndAnswersFromTheResults()
    {
        IChatSession session = demonstration.Model.CreateChatSession(s_options);

        (await AskAsync(session, "What is the weather in Oslo?")).Should().Be("""get_weather({"city": "Oslo"}) In Oslo it is snowy, -4 degrees.""");
        (await AskAsync(session, "What is 23 times 47?")).Should().Be("""multiply({"left": 23, "right": 47}) 23 times 47 is 1081.""");
        (await AskAsync(session, "What sound does a cow make?")).Should().Be("The cow says moo.");
    }

    [Fact]
    public async Task SendAsync_TwoCities_AreTwoCallsOneAfterTheOther()
    {
        IChatSession session = demonstration.Model.CreateChatSession(s_options);

        (await AskAsync(session, "What is the weather in Rome and in Oslo?")).Should()
            .Be("""get_weather({"city": "Rome"}) get_weather({"city": "Oslo"}) In Rome it is sunny, 21 degrees. In Oslo it is snowy, -4 degrees.""");
    }

    [Fact]
    public async Task SendAsync_SavedBetweenCallAndResult_AnswersAfterwards()
    {
        IChatSession first = demonstration.Model.CreateChatSession(s_options);
        await first.SendAsync("What is the weather in Rome?").LastAsync();
        using var stream = new MemoryStream();
        await first.SaveAsync(stream);
        stream.Position = 0;
        IChatSession second = await demonstration.Model.RestoreChatSessionAsync(stream, new ChatSessionRestoreOptions { Tools = s_options.Tools });

        await second.SendAsync([LlamaMessage.Tool(second.History[^1].ToolCalls.Single(), "sunny, 21 degrees")]).LastAsync();

        second.History[^1].Content.Trim().Should().Be("In Rome it is sunny, 21 degrees.");
    }

    [Fact]
    public async Task SendAsync_WithoutTheTool_CallsNothing()
    {
        IChatSession session = demonstration.Model.CreateChatSession(s_options with { Tools = [s_product] });

        (await AskAsync(session, "What is the weather in Oslo?")).Should().Be("I do not know the weather in Oslo.");
    }

    // The output of the model as an application sees it: calls, and the answer.
    private static async Task<string> AskAsync(IChatSession session, string question)
    {
        List<string> done = [];
        await session.SendAsync(question).LastAsync();
        while (session.History[^1].ToolCalls is [var call])
        {
            done.Add($"{call.Name}({call.Arguments})");
            await session.SendAsync([LlamaMessage.Tool(call, Execute(call))]).LastAsync();
            done.Count.Should().BeLessThan(5);
        }

        return string.Join(' ', [.. done, session.History[^1].Content.Trim()]);
    }

    private static string Execute(LlamaToolCall call) => call.Name == s_weather.Name
        ? call.Arguments.GetProperty("city").GetString() switch { "Oslo" => "snowy, -4 degrees", "Rome" => "sunny, 21 degrees", _ => "unknown" }
        : JsonSerializer.Serialize(call.Arguments.GetProperty("left").GetInt32() * call.Arguments.GetProperty("right").GetInt32());
}
