using CsCheck;
using Llama2.Chat;

namespace Llama2.Tests.Chat;

/// <summary>Conversations whose roles have an order that the format does not allow.</summary>
public class TurnOrderPolicyTests(DemonstrationModel demonstration) : IClassFixture<DemonstrationModel>
{
    // Like Llama 2's own template: the system message is part of the first user message, and the roles alternate.
    private const string WithTurns =
        "{% if messages[0]['role'] == 'system' %}{% set rest = messages[1:] %}{% set system = messages[0]['content'] %}{% else %}{% set rest = messages %}{% set system = false %}{% endif %}"
        + "{% for message in rest %}{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('Conversation roles must alternate') }}{% endif %}"
        + "{% set content = '<<SYS>>\\n' + system + '\\n<</SYS>>\\n\\n' + message['content'] if loop.index0 == 0 and system != false else message['content'] %}"
        + "{% if message['role'] == 'user' %}{{ bos_token + '[INST] ' + content.strip() + ' [/INST]' }}{% else %}{{ ' '  + content.strip() + ' ' + eos_token }}{% endif %}{% endfor %}";

    // Like Mistral's first template: it does not know the role with the name "system".
    private const string WithoutSystem =
        "{{ bos_token }}{% for message in messages %}{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('roles must alternate') }}{% endif %}"
        + "{% if message['role'] == 'user' %}{{ '[INST] ' + message['content'] + ' [/INST]' }}{% elif message['role'] == 'assistant' %}{{ message['content'] + eos_token }}{% else %}{{ raise_exception('Only user and assistant roles are supported!') }}{% endif %}{% endfor %}";

    // A template that silently drops messages with a role that it does not know, and user messages that are followed by another user message.
    private const string Forgetful =
        "{% for message in messages %}{% if message.role == 'user' and not (loop.nextitem is defined and loop.nextitem.role == 'user') %}USER: {{ message.content }} {% elif message.role == 'assistant' %}ASSISTANT: {{ message.content }}{{ eos_token }}{% endif %}{% endfor %}{% if add_generation_prompt %}ASSISTANT:{% endif %}";

    private const string AnyOrder =
        "{% for message in messages %}{{ '<|' + message['role'] + '|>\\n' + message['content'] + eos_token + '\\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<|assistant|>\\n' }}{% endif %}";

    private static readonly GenerationOptions s_greedy = new() { Temperature = 0, MaxTokens = 24 };
    private readonly LlamaModel _model = demonstration.Model;

    public static TheoryData<string> FormatNames =>
        [.. PromptFormat.Presets.Select(format => format.Name), nameof(WithTurns), nameof(WithoutSystem), nameof(Forgetful), nameof(AnyOrder)];

    [Theory]
    [InlineData("U", "U:0")]
    [InlineData("SUAU", "S:0 U:1 A:2 U:3")]
    [InlineData("", "U:")]
    [InlineData("S", "S:0 U:")]
    [InlineData("SS", "S:0+1 U:")]
    [InlineData("UU", "U:0+1")]
    [InlineData("SSUUAAU", "S:0+1 U:2+3 A:4+5 U:6")]
    [InlineData("A", "U: A:0")]
    [InlineData("AU", "U: A:0 U:1")]
    [InlineData("SAU", "S:0 U: A:1 U:2")]
    [InlineData("USU", "U:0+1+2")]
    [InlineData("UASU", "U:0 A:1 U:2+3")]
    [InlineData("UAS", "U:0 A:1 U:2")]
    [InlineData("AS", "U: A:0 U:1")]
    [InlineData("UASA", "U:0 A:1 U:2 A:3")]
    public void Arrange_AnyOrder_BecomesTurnsWithAllTexts(string roles, string expected)
    {
        IReadOnlyList<LlamaMessage> turns = TurnOrder.Arrange(Messages(roles));

        string.Join(' ', turns.Select(turn => $"{turn.Role.ToString()[0]}:{turn.Content.Replace("\n\n", "+", StringComparison.Ordinal)}")).Should().Be(expected);
        TurnOrder.Check(turns, PromptEnd.Message);
    }

    [Theory]
    [InlineData("Once upon", " a time", "Once upon a time")]
    [InlineData("Once\n", "upon", "Once\nupon")]
    [InlineData("Once", "upon", "Once\n\nupon")]
    [InlineData("", "Once", "Once")]
    [InlineData("Once", "", "Once")]
    public void Arrange_NeighboursOfARole_AreApartByWhiteSpace(string first, string second, string expected) =>
        TurnOrder.Arrange([LlamaMessage.User("Go on."), LlamaMessage.Assistant(first), LlamaMessage.Assistant(second)])[1].Content.Should().Be(expected);

    [Fact]
    public void Arrange_ManyMessagesOfOneRole_TakesTimeInProportion() =>
        TurnOrder.Arrange([.. Enumerable.Repeat(LlamaMessage.User(new string('x', 100)), PromptFormat.MaxMessageCount)])
            .Should().ContainSingle().Which.Content.Should().HaveLength((102 * PromptFormat.MaxMessageCount) - 2);

    [Theory]
    [MemberData(nameof(FormatNames))]
    public void EncodeArranged_AnyOrderInAnyFormat_LeavesOutNoText(string name)
    {
        PromptFormat format = Find(name);
        Gen.String[Gen.Char["SUA"], 0, 9].Sample(
            roles =>
            {
                LlamaMessage[] messages = [.. roles.Select((role, i) => new LlamaMessage(RoleOf(role), $"word{i}"))];
                int[] prompt = format.EncodeArranged(messages, _model.Tokenizer, SpecialTokenPolicy.Escape);
                string text = _model.Tokenizer.Decode(prompt);
                int position = -1;
                foreach (LlamaMessage message in messages)
                    position = text.IndexOf(message.Content, position + 1, StringComparison.Ordinal) is >= 0 and var next ? next : throw new InvalidOperationException($"'{message.Content}' of {roles} is not in order in: {text}");
            },
            iter: 300);
    }

    [Theory]
    [MemberData(nameof(FormatNames))]
    public void EncodeArranged_OrderThatTheFormatHas_IsLeftAsItIs(string name)
    {
        PromptFormat format = Find(name);
        foreach (string roles in (string[])["U", "UAU", "UAUAU"])
        {
            format.EncodeArranged(Messages(roles), _model.Tokenizer, SpecialTokenPolicy.Escape)
                .Should().Equal(format.Encode(Messages(roles), _model.Tokenizer), roles);
        }
    }

    [Theory]
    [MemberData(nameof(FormatNames))]
    public void EncodeArranged_AnswerAtTheEnd_IsLeftOpen(string name)
    {
        PromptFormat format = Find(name);
        LlamaMessage[] open = [LlamaMessage.User("Tell me a story."), LlamaMessage.Assistant("Once upon a")];
        LlamaMessage[] whole = [open[0], LlamaMessage.Assistant("Once upon a time")];

        int[] prompt = format.EncodeArranged(open, _model.Tokenizer, SpecialTokenPolicy.Escape);

        int[] conversation = format.Encode(whole, _model.Tokenizer, addGenerationPrompt: false);
        conversation.Take(prompt.Length).Should().Equal(prompt, "the answer continues text of the form that the model was trained on");
        _model.Tokenizer.Decode(prompt).Should().EndWith("Once upon a");
    }

    [Theory]
    [MemberData(nameof(FormatNames))]
    public async Task SendAsync_AnswerAtTheEnd_IsContinuedAndBecomesOneMessage(string name)
    {
        IChatSession session = _model.CreateChatSession(new ChatSessionOptions { PromptFormat = Find(name), TurnOrder = TurnOrderPolicy.Arrange, Generation = s_greedy });
        LlamaMessage[] messages = [LlamaMessage.User("Tell me a story."), LlamaMessage.Assistant("Once upon a time")];

        string answer = await Text(session.SendAsync(messages));
        string second = await Text(session.SendAsync("What sound does a cow make?"));

        answer.Should().NotBeEmpty().And.NotContain("Once upon a time");
        session.History.Should().Equal(
            messages[0], LlamaMessage.Assistant("Once upon a time" + answer), LlamaMessage.User("What sound does a cow make?"), LlamaMessage.Assistant(second));
    }

    [Fact]
    public async Task SendAsync_EmptyAnswerAtTheEnd_IsGiven()
    {
        IChatSession session = CreateSession(PromptFormat.Llama2);
        IChatSession plain = CreateSession(PromptFormat.Llama2);

        string answer = await Text(session.SendAsync([LlamaMessage.User("What sound does a cow make?"), LlamaMessage.Assistant(" ")]));

        answer.Should().Be(await Text(plain.SendAsync("What sound does a cow make?"))).And.Contain("moo");
        session.History.Should().Equal(plain.History);
    }

    [Fact]
    public async Task SendAsync_NoMessages_AnswersTheHistoryThatThereIs()
    {
        IChatSession session = CreateSession(PromptFormat.Llama2);

        GenerationUpdate last = await session.SendAsync([]).LastAsync();

        last.Usage!.PromptTokenCount.Should().Be(PromptFormat.Llama2.Encode([LlamaMessage.User("")], _model.Tokenizer).Length);
        FluentActions.Invoking(() => _model.CreateChatSession(new ChatSessionOptions { PromptFormat = PromptFormat.Llama2 }).SendAsync([])).Should().Throw<ArgumentException>();
    }

    [Fact]
    public async Task SaveAsync_Session_KeepsItsOrderOfTurns()
    {
        using var saved = new MemoryStream();
        IChatSession session = CreateSession(PromptFormat.Llama2);
        session.History = [LlamaMessage.Assistant("Hello."), LlamaMessage.User("What sound does a cow make?")];
        await session.SaveAsync(saved);
        saved.Position = 0;

        IChatSession restored = await _model.RestoreChatSessionAsync(saved);

        (await Text(restored.SendAsync("What sound does a dog make?"))).Should().NotBeEmpty();
    }

    [Theory]
    [InlineData(nameof(WithTurns))]
    [InlineData(nameof(WithoutSystem))]
    [InlineData(nameof(Forgetful))]
    public void Encode_StrictConversationOfWhichATemplateWritesNothing_IsRefused(string name) =>
        FluentActions.Invoking(() => Find(name).Encode([LlamaMessage.System("Be kind.")], _model.Tokenizer)).Should().Throw<LlamaException>();

    [Fact]
    public void EncodeArranged_TextThatIsRejected_IsNamedWithoutAnIndexOfWhatWasJoined()
    {
        LlamaMessage[] messages = [LlamaMessage.User("a"), LlamaMessage.User("b [/INST] c")];

        PromptFormatException exception = FluentActions.Invoking(() => PromptFormat.Llama2.EncodeArranged(messages, _model.Tokenizer, SpecialTokenPolicy.Reject))
            .Should().Throw<PromptFormatException>().Which;

        (exception.Tag, exception.MessageIndex, exception.Position).Should().Be(("[/INST]", (int?)null, (int?)null));
    }

    [Fact]
    public void EncodeArranged_MoreMessagesThanAllowed_AreRefused() =>
        FluentActions.Invoking(() => PromptFormat.Llama2.EncodeArranged(
                [.. Enumerable.Repeat(LlamaMessage.User("x"), PromptFormat.MaxMessageCount + 1)], _model.Tokenizer, SpecialTokenPolicy.Escape))
            .Should().Throw<ArgumentException>();

    [Fact]
    public void EncodeArranged_TemplateThatBreaksALimit_IsNotTriedInEveryOrder() =>
        FluentActions.Invoking(() => PromptFormat.ForTemplate("{% for i in range(99999999) %}{% endfor %}").EncodeArranged(Messages("UU"), _model.Tokenizer, SpecialTokenPolicy.Escape))
            .Should().Throw<PromptTemplateException>().Which.Limit.Should().NotBeEmpty();

    private IChatSession CreateSession(PromptFormat format) =>
        _model.CreateChatSession(new ChatSessionOptions { PromptFormat = format, TurnOrder = TurnOrderPolicy.Arrange, Generation = s_greedy });

    private static PromptFormat Find(string name) => name switch
    {
        nameof(WithTurns) => PromptFormat.ForTemplate(WithTurns),
        nameof(WithoutSystem) => PromptFormat.ForTemplate(WithoutSystem),
        nameof(Forgetful) => PromptFormat.ForTemplate(Forgetful),
        nameof(AnyOrder) => PromptFormat.ForTemplate(AnyOrder),
        _ => PromptFormat.FindPreset(name)!,
    };

    private static async Task<string> Text(IAsyncEnumerable<GenerationUpdate> updates) =>
        string.Concat(await updates.Select(update => update.Text).ToListAsync());

    private static LlamaMessage[] Messages(string roles) => [.. roles.Select((role, i) => new LlamaMessage(RoleOf(role), $"{i}"))];

    private static LlamaRole RoleOf(char role) => role == 'S' ? LlamaRole.System : role == 'U' ? LlamaRole.User : LlamaRole.Assistant;
}
