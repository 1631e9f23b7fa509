using System.Text.Json;
using Llama2.Tests;
using Microsoft.Extensions.AI;
using Microsoft.ML.Tokenizers;
using static Llama2.Extensions.Tests.ToolTexts;

namespace Llama2.Extensions.Tests.Chat;

/// <summary>Behaviour that users of other clients reported as missing or wrong there.</summary>
public sealed class ChatContractTests(DemonstrationModel demonstration) : IClassFixture<DemonstrationModel>
{
    internal sealed record Report(string City, bool[] Days, Sky Sky);

    internal enum Sky
    {
        Clear,
        Grey,
    }

    [Theory]
    [InlineData(null)]
    [InlineData("mine")]
    public async Task GetResponseAsync_ConversationId_IsReturnedOnlyIfTheCallerSentIt(string? id)
    {
        using LlamaChatClient client = demonstration.CreateClient();
        ChatOptions options = new() { ConversationId = id, MaxOutputTokens = 3 };

        ChatResponse response = await client.GetResponseAsync(Chatting.Prompt, options);
        List<ChatResponseUpdate> updates = await client.GetStreamingResponseAsync(Chatting.Prompt, options).ToListAsync();

        response.ConversationId.Should().Be(id);
        updates.Should().OnlyContain(update => update.ConversationId == id);
    }

    [Fact]
    public void GetService_TokenizerAndContext_AreFoundThroughMiddleware()
    {
        using IChatClient client = demonstration.CreateClient().AsBuilder().UseFunctionInvocation().UseLogging(new RecordingLoggerFactory()).Build();

        Tokenizer tokenizer = client.GetRequiredService<Tokenizer>();

        tokenizer.CountTokens("Tim saw a dog.").Should().Be(demonstration.Model.Tokenizer.Encode("Tim saw a dog.", addBeginOfSequence: true).Length);
        client.GetRequiredService<ILlamaModel>().ContextLength.Should().Be(demonstration.Model.ContextLength);
        client.GetRequiredService<ChatClientMetadata>().DefaultModelId.Should().NotBeNullOrEmpty();
    }

    [Fact]
    public async Task GetResponseAsync_SameBeginningOfAPrompt_IsCountedAsCached()
    {
        using var model = LlamaModel.Load(DemonstrationModel.Path);
        using var client = new LlamaChatClient(model, new LlamaChatClientOptions { PromptFormat = PromptFormat.Plain });
        ChatOptions options = new() { MaxOutputTokens = 1 };

        ChatResponse first = await client.GetResponseAsync("Once upon a time there was a dog.", options);
        ChatResponse second = await client.GetResponseAsync("Once upon a time there was a dog. It", options);

        first.Usage!.CachedInputTokenCount.Should().Be(0);
        second.Usage!.CachedInputTokenCount.Should().BeInRange(5, second.Usage.InputTokenCount!.Value - 1);
    }

    // The seeds decide whether the model calls or answers; both happen, in streams and in whole responses.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ToolsAndSchemaInOneRequest_AnswerIsOneCallOrOneWholeValue(bool streams)
    {
        using LlamaChatClient client = demonstration.CreateClient(PromptFormat.Llama2, describes: false);
        int callCount = 0, valueCount = 0;
        for (int seed = 0; seed < 16; seed++)
        {
            ChatOptions options = new()
            {
                Tools = [AIFunctionFactory.Create((Sky sky) => sky, "f")],
                ResponseFormat = ChatResponseFormat.ForJsonSchema<Sky[]>(),
                Seed = seed,
                Temperature = 2,
                TopK = 0,
                TopP = 1,
                MaxOutputTokens = 60,
            };

            List<ChatResponseUpdate> updates = streams
                ? await client.GetStreamingResponseAsync("Well?", options).ToListAsync()
                : [.. (await client.GetResponseAsync("Well?", options)).ToChatResponseUpdates()];

            FunctionCallContent[] calls = [.. updates.SelectMany(update => update.Contents).OfType<FunctionCallContent>()];
            string text = string.Concat(updates.Select(update => update.Text));
            ChatFinishReason? reason = updates.Single(update => update.FinishReason is not null).FinishReason;
            if (calls.Length > 0)
            {
                calls.Should().ContainSingle().Which.Arguments.Should().ContainKey("sky").WhoseValue.Should().BeOfType<JsonElement>();
                (text, reason).Should().Be(("", ChatFinishReason.ToolCalls));
                callCount++;
            }
            else
            {
                JsonSerializer.Deserialize<Sky[]>(text, AIJsonUtilities.DefaultOptions)!.All(Enum.IsDefined).Should().BeTrue();
                reason.Should().Be(ChatFinishReason.Stop);
                valueCount++;
            }
        }

        (callCount > 0, valueCount > 0).Should().Be((true, true));
    }

    // Whatever limit on tokens ends a response with arrays and enumerations, the value is whole, or the request fails before its first update.
    [Fact]
    public async Task MaxOutputTokens_OfEverySize_GiveAWholeValueOrAnError()
    {
        using LlamaChatClient client = demonstration.CreateClient(PromptFormat.Llama2, describes: false);
        int errorCount = 0, valueCount = 0;
        for (int limit = 1; limit <= 90; limit++)
        {
            ChatOptions options = new() { ResponseFormat = ChatResponseFormat.ForJsonSchema<Report>(), Seed = limit, Temperature = 1.5f, MaxOutputTokens = limit };
            var text = new System.Text.StringBuilder();
            try
            {
                await foreach (ChatResponseUpdate update in client.GetStreamingResponseAsync("Well?", options))
                    text.Append(update.Text);
                JsonSerializer.Deserialize<Report>(text.ToString(), AIJsonUtilities.DefaultOptions)!.Days.Should().NotBeNull();
                valueCount++;
            }
            catch (OutputConstraintException)
            {
                text.Length.Should().Be(0);
                errorCount++;
            }
        }

        errorCount.Should().BeInRange(1, 80);
        valueCount.Should().Be(90 - errorCount);
    }

    [Fact]
    public async Task Streaming_WithTools_DeliversNoPartOfACallAsText()
    {
        using var client = new LlamaChatClient(
            new ConstrainedScript(demonstration.Model.Tokenizer, $"I look. {Call("f", """{"a": "<tool"}""")}\n{Call("f", """{"a": "b"}""")}"), new LlamaChatClientOptions { PromptFormat = PromptFormat.ChatMl });
        ChatOptions options = new() { Tools = [AIFunctionFactory.Create((string a) => a, "f")], AllowMultipleToolCalls = true };

        List<ChatResponseUpdate> updates = await client.GetStreamingResponseAsync("Well?", options).ToListAsync();

        updates.Should().OnlyContain(update => update.Contents.Count > 0 || update.RawRepresentation != null);
        string.Concat(updates.Select(update => update.Text)).Should().Be("I look.");
        FunctionCallContent[] calls = [.. updates.SelectMany(update => update.Contents).OfType<FunctionCallContent>()];
        calls.Select(call => call.Arguments!["a"]!.ToString()).Should().Equal("<tool", "b");
        calls.Select(call => call.CallId).Should().OnlyHaveUniqueItems();
        updates.Where(update => update.FinishReason is not null).Should().ContainSingle().Which.FinishReason.Should().Be(ChatFinishReason.ToolCalls);
        updates.Select(update => update.MessageId).Distinct().Should().ContainSingle();
    }

    // A stream that is appended to a history gives the same messages as the whole response.
    [Fact]
    public async Task Streaming_AppendedToAHistory_KeepsCallsForTheNextRequest()
    {
        var script = new ConstrainedScript(demonstration.Model.Tokenizer, Call("f"), "Two.");
        using var client = new LlamaChatClient(script, new LlamaChatClientOptions { PromptFormat = PromptFormat.ChatMl });
        ChatOptions options = new() { Tools = [AIFunctionFactory.Create(() => 2, "f")] };
        List<ChatMessage> history = [new(ChatRole.User, "How many?")];

        await history.AddMessagesAsync(client.GetStreamingResponseAsync(history, options));
        FunctionCallContent call = history[1].Contents.OfType<FunctionCallContent>().Single();
        history.Add(new ChatMessage(ChatRole.Tool, [new FunctionResultContent(call.CallId, 2)]));
        await history.AddMessagesAsync(client.GetStreamingResponseAsync(history, options));

        history.Select(message => message.Role).Should().Equal(ChatRole.User, ChatRole.Assistant, ChatRole.Tool, ChatRole.Assistant);
        history[^1].Text.Should().Be("Two.");
        script.Prompts[1].Should().Contain(Call("f")).And.Contain("\"content\": 2");
    }

    // Histories are stored as JSON and read back; arguments and results are then JSON elements.
    [Fact]
    public async Task History_StoredAsJson_IsTheSamePrompt()
    {
        var script = new ConstrainedScript(demonstration.Model.Tokenizer, "A.", "B.");
        using var client = new LlamaChatClient(script, new LlamaChatClientOptions { PromptFormat = PromptFormat.ChatMl });
        List<ChatMessage> history =
        [
            new(ChatRole.User, "How many?"),
            new(ChatRole.Assistant, [new FunctionCallContent("1", "f", new Dictionary<string, object?> { ["day"] = new DateOnly(2026, 1, 2), ["list"] = (int[])[1, 2], ["none"] = null })]),
            new(ChatRole.Tool, [new FunctionResultContent("1", new Report("Oslo", [true], Sky.Grey))]),
        ];

        await client.GetResponseAsync(history);
        string stored = JsonSerializer.Serialize(history, AIJsonUtilities.DefaultOptions);
        await client.GetResponseAsync(JsonSerializer.Deserialize<List<ChatMessage>>(stored, AIJsonUtilities.DefaultOptions)!);

        script.Prompts[1].Should().Be(script.Prompts[0]).And.Contain("\"list\": [1, 2]").And.Contain("\"city\": \"Oslo\"");
    }
}
