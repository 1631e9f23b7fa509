namespace Llama2.Tests.Chat;

public class ChatSessionPrefixScopeTests
{
    private const string Cow = "What sound does a cow make?", Sum = "What is 3 plus 4?", System = "Answer each question in one short sentence.";
    private static readonly GenerationOptions s_greedy = new() { Temperature = 0, MaxTokens = 20 };
    private static readonly ChatSessionOptions s_options = new() { SystemPrompt = System, PublicSystemPrompts = ["Be kind.", System] };

    public static TheoryData<string> Formats => [.. PromptFormat.Presets.Select(format => format.Name)];

    [Fact]
    public async Task SendAsync_SecondTurnOfAScope_ComputesOnlyWhatIsNew()
    {
        using LlamaModel model = LlamaModel.Load(DemonstrationModel.Path);
        IChatSession session = model.CreateChatSession(In("a", PromptFormat.Llama2));
        GenerationUsage first = await Usage(session.SendAsync(Cow));

        // A call with its own options still uses the session's prefix scope.
        GenerationUsage second = await Usage(session.SendAsync(Sum, s_greedy));

        int newCount = PromptFormat.Llama2.Encode([LlamaMessage.User(Sum)], model.Tokenizer).Length;
        (second.PromptTokenCount - second.CachedTokenCount).Should().Be(newCount + 1);
        second.PromptTokenCount.Should().Be(first.PromptTokenCount + first.GeneratedTokenCount + newCount);
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task SendAsync_PublicSystemPrompt_IsComputedOnceForAllScopesAndTellsNothingOfWhatOthersSay(string format)
    {
        PromptFormat promptFormat = PromptFormat.Presets.Single(preset => preset.Name == format);
        int? known = null;
        string[] texts = [Cow, "a", "a cow", "?", "\uE000", "7", " ", "]", ">", "\n", Cow];
        foreach (string said in texts)
        {
            using LlamaModel model = LlamaModel.Load(DemonstrationModel.Path, new LlamaModelOptions { ThreadCount = 1 });
            await Usage(model.CreateChatSession(In("a", promptFormat)).SendAsync(said, s_greedy with { MaxTokens = 1 }));
            int cachedCount = (await Usage(model.CreateChatSession(In("b", promptFormat)).SendAsync(Cow, s_greedy with { MaxTokens = 1 }))).CachedTokenCount;

            known ??= cachedCount;
            cachedCount.Should().Be(known, "whatever is said, such as '{0}'", said);
        }

        int systemCount = ModelTokenizer.Load(DemonstrationModel.Path).Encode(System, addBeginOfSequence: false).Length;
        known.Should().BeGreaterThanOrEqualTo(systemCount - 1, "the system prompt is public, except for a last token that may merge with the user's text");
    }

    [Fact]
    public async Task SendAsync_SystemPromptThatOnlyBeginsAsAPublicOne_KeepsTheRestToItself()
    {
        using LlamaModel model = LlamaModel.Load(DemonstrationModel.Path);
        ChatSessionOptions secret = In("a", PromptFormat.Llama2) with { SystemPrompt = System + " The user's name is Ada." };
        await Usage(model.CreateChatSession(secret).SendAsync(Cow));

        GenerationUsage other = await Usage(model.CreateChatSession(secret with { Generation = s_greedy with { PrefixScope = "b" } }).SendAsync(Cow));

        int[] prompt = PromptFormat.Llama2.Encode([LlamaMessage.System(System), LlamaMessage.User(Cow)], model.Tokenizer);
        int[] itsPrompt = PromptFormat.Llama2.Encode([LlamaMessage.System(secret.SystemPrompt), LlamaMessage.User(Cow)], model.Tokenizer);
        other.CachedTokenCount.Should().BePositive().And.BeLessThanOrEqualTo(prompt.AsSpan().CommonPrefixLength(itsPrompt));
    }

    [Fact]
    public async Task SendAsync_SystemPromptThatIsNotMarked_IsShownToNoOtherScope()
    {
        using LlamaModel model = LlamaModel.Load(DemonstrationModel.Path);
        ChatSessionOptions options = In("a", PromptFormat.Llama2) with { PublicSystemPrompts = [] };
        await Usage(model.CreateChatSession(options).SendAsync(Cow));

        (await Usage(model.CreateChatSession(options with { Generation = s_greedy with { PrefixScope = "b" } }).SendAsync(Cow))).CachedTokenCount.Should().Be(0);
    }

    [Fact]
    public async Task SendAsync_FormatThatRefusesAnEmptyMessage_SharesThePublicSystemPromptAllTheSame()
    {
        const string Template = "{% for m in messages %}{% if not m.content %}{{ raise_exception('empty') }}{% endif %}[{{ m.role }}] {{ m.content }}\n{% endfor %}";
        using LlamaModel model = LlamaModel.Load(DemonstrationModel.Path);
        PromptFormat format = PromptFormat.ForTemplate(Template);
        await Usage(model.CreateChatSession(In("a", format)).SendAsync(Cow));

        (await Usage(model.CreateChatSession(In("b", format)).SendAsync(Sum))).CachedTokenCount.Should().BeGreaterThan(10);
    }

    // Prompts with two other user messages are compared with the prompt to find where the user's text begins. If the template refuses one of these
    // messages, nothing is public: if only the other message were compared, the user's text could influence how many tokens are public.
    [Theory]
    [InlineData("m.content | length < 4")]
    [InlineData("m.content == 'a'")]
    [InlineData("'\uE000' in m.content")]
    public async Task SendAsync_FormatThatRefusesTheMessagesThatAreCompared_SharesNothing(string refused)
    {
        using LlamaModel model = LlamaModel.Load(DemonstrationModel.Path);
        PromptFormat format = PromptFormat.ForTemplate($"{{% for m in messages %}}{{% if m.role == 'user' and ({refused}) %}}{{{{ raise_exception('refused') }}}}{{% endif %}}[{{{{ m.role }}}}] {{{{ m.content }}}}\n{{% endfor %}}");
        await Usage(model.CreateChatSession(In("a", format)).SendAsync(Cow));

        (await Usage(model.CreateChatSession(In("b", format)).SendAsync(Cow))).CachedTokenCount.Should().Be(0);
    }

    [Fact]
    public async Task Fork_StaysInTheScope()
    {
        using LlamaModel model = LlamaModel.Load(DemonstrationModel.Path);
        IChatSession session = model.CreateChatSession(In("a", PromptFormat.Llama2));
        await Usage(session.SendAsync(Cow));

        (await Usage(session.Fork().SendAsync(Sum))).CachedTokenCount.Should().BeGreaterThan(50);
    }

    [Fact]
    public async Task RestoreChatSessionAsync_ScopeGivenAnew_IsNotOfTheDocument()
    {
        using LlamaModel model = LlamaModel.Load(DemonstrationModel.Path);
        IChatSession session = model.CreateChatSession(In("Ada's own scope", PromptFormat.Llama2));
        await Usage(session.SendAsync(Cow));
        var document = new MemoryStream();
        await session.SaveAsync(document);
        string json = global::System.Text.Encoding.UTF8.GetString(document.ToArray());

        json.Should().NotContain("Ada").And.NotContainEquivalentOf("scope").And.NotContainEquivalentOf("public");
        document.Position = 0;
        IChatSession without = await model.RestoreChatSessionAsync(document);
        (await Usage(without.SendAsync(Sum))).CachedTokenCount.Should().BeLessThan(40, "only the public system prompt is seen");
        document.Position = 0;
        IChatSession restored = await model.RestoreChatSessionAsync(document, new() { PrefixScope = "Ada's own scope", PublicSystemPrompts = [System] });
        (await Usage(restored.SendAsync(Sum))).CachedTokenCount.Should().BeGreaterThan(50);
    }

    private static ChatSessionOptions In(string scope, PromptFormat format) => s_options with { PromptFormat = format, Generation = s_greedy with { PrefixScope = scope } };

    private static async Task<GenerationUsage> Usage(IAsyncEnumerable<GenerationUpdate> updates) => (await updates.LastAsync()).Usage!;
}
