using System.Text.Json;

namespace Llama2.Tests.Chat;

/// <summary>Chat sessions whose model may call tools.</summary>
public sealed class ChatSessionToolsTests(DemonstrationModel demonstration) : IClassFixture<DemonstrationModel>
{
    private static readonly LlamaTool s_sound = new(
        "get_sound", "The sound of an animal", JsonElement.Parse("""{ "properties": { "animal": { "enum": ["cow", "dog"] } }, "required": ["animal"] }"""));

    private static readonly ChatSessionOptions s_options = new()
    {
        PromptFormat = PromptFormat.Llama2,
        Tools = [s_sound],
        Generation = new GenerationOptions { Temperature = 0, MaxTokens = 60 },
    };

    private static readonly GenerationOptions s_required = s_options.Generation with { Constraint = ToolFormat.Json.CreateConstraint([s_sound], isRequired: true) };

    [Fact]
    public async Task SendAsync_RequiredCall_IsReportedOnceAndKeptInTheHistory()
    {
        IChatSession session = demonstration.Model.CreateChatSession(s_options);

        List<GenerationUpdate> updates = await session.SendAsync("What does the cow say?", s_required).ToListAsync();

        string.Concat(updates.Select(update => update.Text)).Should().BeEmpty();
        LlamaToolCall call = updates.SelectMany(update => update.ToolCalls ?? []).Should().ContainSingle().Subject;
        call.Name.Should().Be("get_sound");
        call.Arguments.GetProperty("animal").GetString().Should().BeOneOf("cow", "dog");
        session.History.Should().Equal(LlamaMessage.User("What does the cow say?"), LlamaMessage.Assistant("", [call]));
    }

    // The example of docs/tools.md.
    [Fact]
    public async Task SendAsync_AsInTheDocumentation_EndsWithAnAnswer()
    {
        LlamaModel model = demonstration.Model;
        JsonElement schema = JsonElement.Parse("""{ "properties": { "city": { "type": "string" } }, "required": ["city"] }""");

        IChatSession session = model.CreateChatSession(new ChatSessionOptions { Tools = [new LlamaTool("get_temperature", "The temperature in a city", schema)] });
        await session.SendAsync("Is it cold in Oslo?").LastAsync();
        foreach (LlamaToolCall call in session.History[^1].ToolCalls)
            await session.SendAsync([LlamaMessage.Tool(call, "4")]).LastAsync();
        Console.WriteLine(session.History[^1].Content);

        session.History[0].Should().Be(LlamaMessage.User("Is it cold in Oslo?"));
        session.History[^1].Role.Should().Be(LlamaRole.Assistant);
    }

    [Fact]
    public async Task SendAsync_Result_IsAnsweredAndComputesOnlyWhatIsNew()
    {
        using LlamaModel model = LlamaModel.Load(DemonstrationModel.Path);
        IChatSession session = model.CreateChatSession(s_options);
        GenerationUsage before = (await session.SendAsync("What does the cow say?", s_required).LastAsync()).Usage!;
        LlamaToolCall call = session.History[^1].ToolCalls.Single();

        GenerationUsage after = (await session.SendAsync([LlamaMessage.Tool(call, "moo")]).LastAsync()).Usage!;

        session.History.Select(message => message.Role).Should().Equal(LlamaRole.User, LlamaRole.Assistant, LlamaRole.Tool, LlamaRole.Assistant);
        // The text at the end of a call follows from the constraint and was not computed, so the cache does not contain its keys and values yet.
        after.CachedTokenCount.Should().BeGreaterThan(before.PromptTokenCount).And.BeLessThan(before.PromptTokenCount + before.GeneratedTokenCount);
    }

    // A call is never forced: the constraint of a session allows any text.
    [Fact]
    public async Task SendAsync_ModelThatDoesNotCall_AnswersWithText()
    {
        IChatSession session = demonstration.Model.CreateChatSession(s_options with { Tools = [new LlamaTool("unknown", "Nothing of use")] });

        List<GenerationUpdate> updates = await session.SendAsync("Hello!").ToListAsync();

        updates.Should().OnlyContain(update => update.ToolCalls == null);
        session.History[^1].ToolCalls.Should().BeEmpty();
        session.History[^1].Content.Should().NotBeEmpty();
        session.History[^1].Content.Should().Be(string.Concat(updates.Select(update => update.Text)));
    }

    [Fact]
    public async Task RegenerateAsync_AfterAResult_AnswersTheResultAgain()
    {
        IChatSession session = demonstration.Model.CreateChatSession(s_options);
        LlamaToolCall call = new("get_sound", JsonElement.Parse("""{ "animal": "cow" }"""));
        LlamaMessage[] asked = [LlamaMessage.User("What does the cow say?"), LlamaMessage.Assistant("", [call]), LlamaMessage.Tool(call, "moo")];
        session.History = [.. asked, LlamaMessage.Assistant("Wrong.")];

        await session.RegenerateAsync().LastAsync();

        session.History.Take(3).Should().Equal(asked);
        session.History[3].Content.Should().NotBe("Wrong.");
    }

    [Fact]
    public async Task SaveAsync_CallsAndResults_AreRestored()
    {
        IChatSession session = demonstration.Model.CreateChatSession(s_options);
        LlamaToolCall call = new("get_sound", JsonElement.Parse("""{ "animal": "cow" }""")) { Id = "1" };
        session.History = [LlamaMessage.User("What does the cow say?"), LlamaMessage.Assistant("I ask.", [call]), LlamaMessage.Tool(call, "moo"), LlamaMessage.Assistant("Moo.")];
        using var stream = new MemoryStream();
        await session.SaveAsync(stream);
        stream.Position = 0;

        IChatSession restored = await demonstration.Model.RestoreChatSessionAsync(stream, new ChatSessionRestoreOptions { PromptFormat = PromptFormat.Llama2, Tools = [s_sound] });

        restored.History.Should().Equal(session.History);
        GenerationUsage expected = (await session.SendAsync("And?").LastAsync()).Usage!, usage = (await restored.SendAsync("And?").LastAsync()).Usage!;
        usage.PromptTokenCount.Should().Be(expected.PromptTokenCount);
    }

    // The first session's tokens are not public for the second, which has the same system prompt and other tools.
    [Fact]
    public async Task SendAsync_PublicSystemPrompt_DoesNotMakeToolsPublic()
    {
        using LlamaModel model = LlamaModel.Load(DemonstrationModel.Path);
        const string System = "You are a friendly story teller.";
        async Task<int> CachedAsync(string scope, LlamaTool tool)
        {
            ChatSessionOptions options = s_options with
            {
                SystemPrompt = System,
                PublicSystemPrompts = [System],
                Tools = [tool],
                Generation = s_options.Generation with { PrefixScope = scope },
            };
            return (await model.CreateChatSession(options).SendAsync("Hello!").LastAsync()).Usage!.CachedTokenCount;
        }

        await CachedAsync("a", s_sound);
        int publicCount = PromptFormat.Llama2.Encode([LlamaMessage.System(System), LlamaMessage.User("")], model.Tokenizer).Length;

        (await CachedAsync("b", s_sound)).Should().BeLessThanOrEqualTo(publicCount);
    }

    [Fact]
    public async Task SendAsync_ToolWhoseSchemaCannotBeEnforced_FailsBeforeTheFirstUpdate()
    {
        var tool = new LlamaTool("find", "", JsonElement.Parse("""{ "properties": { "a": { "type": "string", "pattern": "(a)\\1" } } }"""));
        IChatSession session = demonstration.Model.CreateChatSession(s_options with { Tools = [tool] });

        (await session.Awaiting(it => it.SendAsync("Hello!").ToListAsync().AsTask()).Should().ThrowAsync<OutputConstraintException>()).WithMessage("*'find'*");
        session.History.Should().BeEmpty();
    }

    [Fact]
    public void Tools_ThatCannotBe_AreRefused()
    {
        FluentActions.Invoking(() => s_options with { Tools = [s_sound, new LlamaTool("get_sound")] }).Should().Throw<ArgumentException>().WithMessage("*'get_sound'*");
        FluentActions.Invoking(() => s_options with { MaxToolCallCount = 0 }).Should().Throw<ArgumentOutOfRangeException>();
        FluentActions.Invoking(() => LlamaMessage.Assistant("", [null!])).Should().Throw<ArgumentException>();
        FluentActions.Invoking(() => new LlamaToolCall("a", JsonElement.Parse("[]"))).Should().Throw<ArgumentException>().WithMessage("*Array*");
    }
}
