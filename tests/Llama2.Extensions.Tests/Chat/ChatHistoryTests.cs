using System.Text.Json;
using Llama2.Extensions.Chat;
using Llama2.Tests;
using Microsoft.Extensions.AI;

// The reducers belong to the experimental part of Microsoft.Extensions.AI.
#pragma warning disable MEAI001

namespace Llama2.Extensions.Tests.Chat;

/// <summary>
/// Histories as applications, reducers and agents of Microsoft.Extensions.AI create them, sent through a client with every kind of prompt format:
/// with turns, without turns, and from a chat template. The model answers each history, and the prompt contains every text of the history.
/// </summary>
public sealed class ChatHistoryTests(DemonstrationModel demonstration) : IClassFixture<DemonstrationModel>
{
    // A template that, like Mistral's first templates, refuses system messages and roles that do not alternate.
    private const string StrictTemplate =
        "{{ bos_token }}{% for message in messages %}{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('Conversation roles must alternate user/assistant') }}{% endif %}"
        + "{% if message['role'] == 'user' %}{{ '[INST] ' + message['content'] + ' [/INST]' }}{% elif message['role'] == 'assistant' %}{{ message['content'] + eos_token }}{% else %}{{ raise_exception('Only user and assistant roles are supported!') }}{% endif %}{% endfor %}";

    // A template that writes every message in the given order.
    private const string LenientTemplate =
        "{% for message in messages %}{{ '<|' + message['role'] + '|>\\n' + message['content'] + eos_token + '\\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<|assistant|>\\n' }}{% endif %}";

    private static readonly ChatOptions s_greedy = new() { Temperature = 0, MaxOutputTokens = 12 };

    private static readonly string[] s_formatNames = [.. PromptFormat.Presets.Select(format => format.Name), nameof(StrictTemplate), nameof(LenientTemplate)];

    public static TheoryData<string> FormatNames => [.. s_formatNames];

    public static TheoryData<string, string> FormatsAndHistories
    {
        get
        {
            TheoryData<string, string> data = [];
            foreach (string format in s_formatNames)
            {
                foreach (string history in s_histories.Keys)
                    data.Add(format, history);
            }

            return data;
        }
    }

    // Each history with the turns that a format with turns receives: the first letters of the roles, and texts joined by a plus sign.
    private static readonly Dictionary<string, (string Turns, ChatMessage[] Messages)> s_histories = new()
    {
        ["one question"] = ("U:alpha", [User("alpha")]),
        ["a system message"] = ("S:alpha U:bravo", [System("alpha"), User("bravo")]),
        ["two system messages"] = ("S:alpha+bravo U:charlie", [System("alpha"), System("bravo"), User("charlie")]),
        ["a developer's message"] = ("S:alpha U:bravo", [new(new ChatRole("developer"), "alpha"), User("bravo")]),
        ["a developer's message after the system's"] = ("S:alpha+bravo U:charlie", [System("alpha"), new(new ChatRole("Developer"), "bravo"), User("charlie")]),
        ["two questions in a row"] = ("U:alpha+bravo", [User("alpha"), User("bravo")]),
        ["questions of several people"] = (
            "U:alpha+bravo+charlie A:delta U:echo+foxtrot", [User("alpha"), User("bravo"), User("charlie"), Assistant("delta"), User("echo"), User("foxtrot")]),
        ["answers of several agents"] = ("U:alpha A:bravo+charlie U:delta", [User("alpha"), Assistant("bravo"), Assistant("charlie"), User("delta")]),
        ["an answer first"] = ("U: A:alpha U:bravo", [Assistant("alpha"), User("bravo")]),
        ["a system message and an answer first"] = ("S:alpha U: A:bravo U:charlie", [System("alpha"), Assistant("bravo"), User("charlie")]),
        ["a system message in the middle"] = ("U:alpha A:bravo U:charlie+delta", [User("alpha"), Assistant("bravo"), System("charlie"), User("delta")]),
        ["a system message between questions"] = ("U:alpha+bravo+charlie", [User("alpha"), System("bravo"), User("charlie")]),
        ["a system message at the end"] = ("U:alpha A:bravo U:charlie+delta", [User("alpha"), Assistant("bravo"), User("charlie"), System("delta")]),
        ["a system message after an answer"] = ("U:alpha A:bravo U:charlie", [User("alpha"), Assistant("bravo"), System("charlie")]),
        ["a system message alone"] = ("S:alpha U:", [System("alpha")]),
        ["an answer alone"] = ("U: A:alpha", [Assistant("alpha")]),
        ["an answer at the end"] = ("U:alpha A:bravo", [User("alpha"), Assistant("bravo")]),
        ["answers at the end"] = ("U:alpha A:bravo+charlie", [User("alpha"), Assistant("bravo"), Assistant("charlie")]),
        ["empty messages"] = ("U:alpha", [new(ChatRole.System, []), new(ChatRole.User, []), new(ChatRole.Assistant, []), User("alpha")]),
        ["an empty question"] = ("U:", [User("")]),
        ["an answer that was left empty"] = ("U:alpha A: U:bravo", [User("alpha"), Assistant(""), User("bravo")]),
        ["usage as a message"] = (
            "U:alpha A:bravo U:charlie",
            [User("alpha"), new(ChatRole.Assistant, [new UsageContent(new UsageDetails { InputTokenCount = 1 })]), Assistant("bravo"), User("charlie")]),
        ["usage in a message"] = ("U:alpha A:bravo U:charlie", [User("alpha"), new(ChatRole.Assistant, [new TextContent("bravo"), new UsageContent()]), User("charlie")]),
        ["reasoning"] = ("U:alpha A:bravo U:charlie", [User("alpha"), new(ChatRole.Assistant, [new TextReasoningContent("hm"), new TextContent("bravo")]), User("charlie")]),
        ["an error instead of an answer"] = ("U:alpha+bravo", [User("alpha"), new(ChatRole.Assistant, [new ErrorContent("fault")]), User("bravo")]),
        ["content of the provider's own"] = (
            "U:alpha A:bravo U:charlie", [User("alpha"), new(ChatRole.Assistant, [new TextContent("bravo"), new AIContent { RawRepresentation = 1 }]), User("charlie")]),
        ["annotations"] = (
            "U:alpha A:bravo U:charlie",
            [User("alpha"), new(ChatRole.Assistant, [new TextContent("bravo") { Annotations = [new CitationAnnotation { Title = "title" }] }]), User("charlie")]),
        ["texts in parts"] = ("U:alpha_bravo", [new(ChatRole.User, [new TextContent("alpha "), new TextContent("bravo")])]),
        ["names of authors"] = (
            "U:alpha A:bravo U:charlie", [new(ChatRole.User, "alpha") { AuthorName = "Ada" }, new(ChatRole.Assistant, "bravo") { AuthorName = "Bo" }, User("charlie")]),
        ["no messages"] = ("U:", []),
        ["contents without text only"] = ("U:", [new(ChatRole.User, [new UsageContent()])]),
    };

    [Theory]
    [MemberData(nameof(FormatsAndHistories))]
    public async Task GetResponseAsync_HistoryOfEveryKind_IsReadWholeAndAnswered(string formatName, string history)
    {
        using LlamaChatClient client = CreateClient(Find(formatName));
        (string turns, ChatMessage[] messages) = s_histories[history];

        ChatResponse response = await client.GetResponseAsync(messages, s_greedy);
        List<ChatResponseUpdate> streamed = await client.GetStreamingResponseAsync(messages, s_greedy).ToListAsync();

        response.FinishReason.Should().NotBeNull();
        response.Usage!.OutputTokenCount.Should().BeGreaterThan(0);
        string.Concat(streamed.Select(update => update.Text)).Should().Be(response.Text);
        CheckPrompt(formatName, (int)response.Usage.InputTokenCount!.Value, Expect(formatName, turns, messages));
    }

    [Theory]
    [MemberData(nameof(FormatNames))]
    public async Task GetResponseAsync_InstructionsWithoutAMessage_AreAnswered(string formatName)
    {
        using LlamaChatClient client = CreateClient(Find(formatName));

        ChatResponse response = await client.GetResponseAsync([], new ChatOptions { Instructions = "Answer with a sentence.", Temperature = 0, MaxOutputTokens = 12 });

        response.Usage!.InputTokenCount.Should().BeGreaterThanOrEqualTo(demonstration.Model.Tokenizer.Encode("Answer with a sentence.", addBeginOfSequence: false).Length);
    }

    [Theory]
    [MemberData(nameof(FormatNames))]
    public async Task GetResponseAsync_AnswerAtTheEnd_IsContinued(string formatName)
    {
        using LlamaChatClient client = CreateClient(Find(formatName));
        ChatMessage[] messages = [User("Tell me a story."), Assistant("Once upon a time")];

        ChatResponse response = await client.GetResponseAsync(messages, s_greedy);
        ChatResponse next = await client.GetResponseAsync([.. messages, .. response.Messages], s_greedy);

        ChatResponse whole = await client.GetResponseAsync([messages[0], Assistant("Once upon a time" + response.Text)], s_greedy);

        response.Text.Should().NotContain("Once upon a time");
        (next.Text, next.Usage!.InputTokenCount).Should().Be((whole.Text, whole.Usage!.InputTokenCount), "both parts of the answer are read as one");
    }

    // The contents that a history keeps of an answer are unchanged after serialization.
    [Fact]
    public async Task GetStreamingResponseAsync_ContinuationThatWasStored_IsStillReadAsOneWithWhatItContinues()
    {
        using LlamaChatClient client = CreateClient(PromptFormat.Llama2);
        List<ChatMessage> history = [User("Tell me a story."), Assistant("Once upon a time")];

        await history.AddMessagesAsync(client.GetStreamingResponseAsync([.. history], s_greedy));
        ChatMessage[] stored = JsonSerializer.Deserialize<ChatMessage[]>(JsonSerializer.Serialize(history, AIJsonUtilities.DefaultOptions), AIJsonUtilities.DefaultOptions)!;

        ChatMessages.Read(stored).Should().Equal(LlamaMessage.User("Tell me a story."), LlamaMessage.Assistant("Once upon a time" + history[2].Text));
    }

    [Theory]
    [MemberData(nameof(FormatNames))]
    public async Task GetResponseAsync_AnswerAtTheEndOfAConversation_BecomesOneMessage(string formatName)
    {
        using LlamaChatClient client = CreateClient(Find(formatName));
        ChatOptions conversation = new() { Temperature = 0, MaxOutputTokens = 12, ConversationId = "story" };

        ChatResponse response = await client.GetResponseAsync([User("Tell me a story."), Assistant("Once upon a time")], conversation);
        ChatResponse next = await client.GetResponseAsync("Then?", conversation);

        CheckPrompt(
            formatName, (int)next.Usage!.InputTokenCount!.Value,
            [LlamaMessage.User("Tell me a story."), LlamaMessage.Assistant("Once upon a time" + response.Text), LlamaMessage.User("Then?")]);
    }

    // In Chat.razor of the AI chat template of dotnet/extensions, each streamed content other than text becomes a message of the history.
    [Fact]
    public async Task GetStreamingResponseAsync_HistoryThatKeepsEveryContent_GoesOn()
    {
        using var client = new LlamaChatClient(demonstration.Model);
        List<ChatMessage> history = [];
        string text = "";
        foreach (string question in (string[])["What sound does a cow make?", "Where does a bear live?"])
        {
            history.Add(User(question));
            var answer = new TextContent("");
            var message = new ChatMessage(ChatRole.Assistant, [answer]);
            await foreach (ChatResponseUpdate update in client.GetStreamingResponseAsync([.. history], new ChatOptions { Temperature = 0, MaxOutputTokens = 40 }))
            {
                history.AddMessages(update, filter: content => content is not TextContent);
                answer.Text += update.Text;
            }

            history.Add(message);
            text = message.Text;
        }

        history.Should().HaveCountGreaterThan(4, "usage became messages of its own");
        text.Trim().Should().Be("A bear lives in a cave.");
    }

    [Theory]
    [MemberData(nameof(FormatNames))]
    public async Task UseChatReducer_WhatMessageCountingLeaves_IsAnswered(string formatName)
    {
        foreach (int count in (int[])[1, 2, 3, 4])
        {
            using IChatClient client = CreateClient(Find(formatName)).AsBuilder().UseChatReducer(new MessageCountingChatReducer(count)).Build();

            ChatResponse response = await client.GetResponseAsync(
                [System("Be kind."), User("alpha"), Assistant("bravo"), User("charlie"), System("And short."), Assistant("delta"), User("echo")], s_greedy);

            response.Usage!.OutputTokenCount.Should().BeGreaterThan(0);
        }
    }

    [Theory]
    [MemberData(nameof(FormatNames))]
    public async Task UseChatReducer_WhatSummarizingSendsAndLeaves_IsAnswered(string formatName)
    {
        LlamaChatClient inner = CreateClient(Find(formatName));
        List<ChatMessage[]> seen = [];
        IChatClient spying = inner.AsBuilder().Use((messages, options, next, cancellationToken) =>
        {
            seen.Add([.. messages]);
            return next(messages, options, cancellationToken);
        }).Build();
        // The reducer's default summarization prompt alone would leave too little of the model's context for a conversation.
        var reducer = new SummarizingChatReducer(spying, targetCount: 2, threshold: 0) { SummarizationPrompt = "Summarize it." };
        using IChatClient client = spying.AsBuilder().UseChatReducer(reducer).ConfigureOptions(options => options.MaxOutputTokens ??= 8).Build();
        List<ChatMessage> history = [System("Be kind.")];
        foreach (string question in (string[])["alpha", "bravo", "charlie"])
        {
            history.Add(User(question));
            history.AddMessages(await client.GetResponseAsync(history, new ChatOptions { Temperature = 0, MaxOutputTokens = 8 }));
        }

        seen.Should().Contain(messages => messages.Last().Text == "Summarize it." && messages.Last().Role == ChatRole.System, "the reducer asks for a summary by a system message at the end");
        seen.Should().Contain(messages => messages.Length > 2 && messages[1].Role == ChatRole.Assistant, "a reducer's summary is an answer before the first question");
    }

    [Fact]
    public async Task GetResponseAsync_StrictClient_RefusesWhatTheFormatDoesNotHave()
    {
        using var client = new LlamaChatClient(demonstration.Model, new LlamaChatClientOptions { PromptFormat = PromptFormat.Llama2, TurnOrder = TurnOrderPolicy.Strict });

        foreach (ChatMessage[] messages in (ChatMessage[][])[[User("a"), User("b")], [Assistant("a"), User("b")], [User("a"), Assistant("b")], [System("a")]])
            await client.Awaiting(it => it.GetResponseAsync(messages, s_greedy)).Should().ThrowAsync<PromptFormatException>();
        await client.Awaiting(it => it.GetResponseAsync([], s_greedy)).Should().ThrowAsync<ArgumentException>();
        (await client.GetResponseAsync([User("alpha"), new(ChatRole.Assistant, [new UsageContent()]), Assistant("bravo"), User("charlie")], s_greedy)).FinishReason.Should().NotBeNull();
    }

    private static ChatMessage System(string text) => new(ChatRole.System, text);

    private static ChatMessage User(string text) => new(ChatRole.User, text);

    private static ChatMessage Assistant(string text) => new(ChatRole.Assistant, text);

    private LlamaChatClient CreateClient(PromptFormat format) => new(demonstration.Model, new LlamaChatClientOptions { PromptFormat = format });

    // The messages that the format receives: turns or, if the format has no turns, the messages in their given order.
    private static LlamaMessage[] Expect(string formatName, string turns, ChatMessage[] messages)
    {
        LlamaMessage[] inTurns = [.. turns.Split(' ').Select(turn => new LlamaMessage(
            turn[0] == 'S' ? LlamaRole.System : turn[0] == 'U' ? LlamaRole.User : LlamaRole.Assistant,
            turn[2..].Replace("+", "\n\n", StringComparison.Ordinal).Replace('_', ' ')))];
        return formatName switch
        {
            nameof(StrictTemplate) when inTurns[0].Role == LlamaRole.System =>
                [LlamaMessage.User(string.Join("\n\n", inTurns.Take(2).Select(turn => turn.Content).Where(text => text.Length > 0))), .. inTurns.Skip(2)],
            "chatml" or "zephyr" or "plain" or nameof(LenientTemplate) when turns != "U:" => [.. ChatMessages.Arrange(null, ChatMessages.Read(messages))],
            _ => inTurns,
        };
    }

    // If the last message is an answer, the prompt leaves it open: the text that the format writes after an answer is missing.
    private void CheckPrompt(string formatName, int promptTokenCount, LlamaMessage[] expected)
    {
        PromptFormat format = Find(formatName);
        ModelTokenizer tokenizer = demonstration.Model.Tokenizer;
        if (expected[^1].Role == LlamaRole.User || expected[^1].Role == LlamaRole.System)
            promptTokenCount.Should().Be(format.Encode(expected, tokenizer).Length);
        else
            promptTokenCount.Should().BeInRange(tokenizer.Encode(expected[^1].Content, addBeginOfSequence: false).Length, format.Encode(expected, tokenizer, addGenerationPrompt: false).Length);
    }

    private static PromptFormat Find(string name) => name switch
    {
        nameof(StrictTemplate) => PromptFormat.ForTemplate(StrictTemplate),
        nameof(LenientTemplate) => PromptFormat.ForTemplate(LenientTemplate),
        _ => PromptFormat.Presets.Single(format => format.Name == name),
    };
}
