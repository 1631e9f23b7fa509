namespace Llama2.Tests.Chat;

public class ChatSessionTests(DemonstrationModel demonstration) : IClassFixture<DemonstrationModel>
{
    private const string Cow = "What sound does a cow make?", Sum = "What is 3 plus 4?", Dog = "What sound does a dog make?";
    private static readonly GenerationOptions s_greedy = new() { Temperature = 0, MaxTokens = 40 };
    private static readonly ChatSessionOptions s_options = new() { PromptFormat = PromptFormat.Llama2, Generation = s_greedy };
    private readonly LlamaModel _model = demonstration.Model;

    public static TheoryData<string> PresetNames => [.. PromptFormat.Presets.Select(format => format.Name)];

    [Fact]
    public async Task SendAsync_Question_IsAnsweredAndRemembered()
    {
        IChatSession session = _model.CreateChatSession(s_options with { SystemPrompt = "Be short." });

        string answer = await Text(session.SendAsync(Cow));

        answer.Should().Contain("moo").And.NotStartWith(" ");
        session.History.Should().Equal(LlamaMessage.System("Be short."), LlamaMessage.User(Cow), LlamaMessage.Assistant(answer));
    }

    [Fact]
    public async Task SendAsync_LaterTurns_ComputeOnlyWhatIsNew()
    {
        using LlamaModel model = LlamaModel.Load(DemonstrationModel.Path);
        IChatSession session = model.CreateChatSession(s_options);
        GenerationUsage before = await Usage(session.SendAsync(Cow));
        foreach (string question in (string[])[Sum, Dog, Sum])
        {
            GenerationUsage usage = await Usage(session.SendAsync(question));

            int newCount = PromptFormat.Llama2.Encode([LlamaMessage.User(question)], model.Tokenizer).Length;
            usage.PromptTokenCount.Should().Be(before.PromptTokenCount + before.GeneratedTokenCount + newCount, "answers consist of the tokens that were generated");
            (usage.PromptTokenCount - usage.CachedTokenCount).Should().Be(newCount + 1, "the token that ended the answer was chosen but not computed");
            before = usage;
        }
    }

    [Fact]
    public async Task SendAsync_AfterAnEditedAnswer_EncodesItsText()
    {
        IChatSession session = _model.CreateChatSession(s_options);
        await Text(session.SendAsync(Cow));
        LlamaMessage[] edited = [LlamaMessage.User(Cow), LlamaMessage.Assistant("The cow says woof.")];
        session.History = edited;

        GenerationUsage usage = await Usage(session.SendAsync(Sum));

        usage.PromptTokenCount.Should().Be(PromptFormat.Llama2.Encode([.. edited, LlamaMessage.User(Sum)], _model.Tokenizer).Length);
        session.History.Take(2).Should().Equal(edited);
    }

    [Fact]
    public async Task RegenerateAsync_SameSeedAndAnother_ReplacesTheAnswerAndComputesOneToken()
    {
        GenerationOptions random = new() { Temperature = 2, Seed = 1, MaxTokens = 30 };
        IChatSession session = _model.CreateChatSession(s_options);
        await Text(session.SendAsync(Cow));
        string first = await Text(session.SendAsync("Tell me a story.", random));

        string another = await Text(session.RegenerateAsync(random with { Seed = 2 }));
        GenerationUsage usage = await Usage(session.RegenerateAsync(random));

        another.Should().NotBe(first);
        session.History.Should().HaveCount(4);
        session.History[3].Content.Should().Be(first);
        (usage.PromptTokenCount - usage.CachedTokenCount).Should().Be(1);
    }

    [Fact]
    public async Task RegenerateAsync_NothingSaid_IsRefused()
        => await FluentActions.Awaiting(() => Text(_model.CreateChatSession(s_options).RegenerateAsync())).Should().ThrowAsync<InvalidOperationException>().WithMessage("*There is no message to answer*");

    [Fact]
    public async Task Fork_BothGoOn_EachHasItsOwnConversation()
    {
        IChatSession session = _model.CreateChatSession(s_options);
        await Text(session.SendAsync(Cow));
        IChatSession fork = session.Fork();

        string[] answers = await Task.WhenAll(Text(session.SendAsync(Sum)), Text(fork.SendAsync(Dog)));

        session.History.TakeLast(2).Should().Equal(LlamaMessage.User(Sum), LlamaMessage.Assistant(answers[0]));
        fork.History.TakeLast(2).Should().Equal(LlamaMessage.User(Dog), LlamaMessage.Assistant(answers[1]));
        fork.History.Take(2).Should().Equal(session.History.Take(2));
    }

    [Fact]
    public async Task SendAsync_CancelledLeftOrFailed_LeavesTheSessionAsItWas()
    {
        IChatSession session = _model.CreateChatSession(s_options), untouched = _model.CreateChatSession(s_options);
        await Text(session.SendAsync(Cow));
        await Text(untouched.SendAsync(Cow));
        IReadOnlyList<LlamaMessage> before = session.History;
        using var source = new CancellationTokenSource();
        Func<Task> cancelled = async () =>
        {
            await foreach (GenerationUpdate _ in session.SendAsync(Dog, s_greedy with { IgnoreEndOfSequence = true }, source.Token))
            {
                await source.CancelAsync();
            }
        };
        await cancelled.Should().ThrowAsync<OperationCanceledException>();
        await foreach (GenerationUpdate _ in session.SendAsync(Dog))
        {
            break;
        }

        GenerationOptions banned = s_greedy with { LogitBias = Enumerable.Range(0, _model.Configuration.VocabularySize).ToDictionary(id => id, _ => float.NegativeInfinity) };
        await FluentActions.Awaiting(() => Text(session.SendAsync(Dog, banned))).Should().ThrowAsync<NumericalException>();
        await FluentActions.Awaiting(() => Text(session.SendAsync([LlamaMessage.Assistant("I answer myself.")]))).Should().ThrowAsync<PromptFormatException>();

        session.History.Should().Equal(before);
        (await Text(session.SendAsync(Sum))).Should().Be(await Text(untouched.SendAsync(Sum)));
    }

    [Fact]
    public async Task SendAsync_WhileATurnIsUnderWay_NamesTheSession()
    {
        IChatSession session = _model.CreateChatSession(s_options);
        await Text(session.SendAsync(Cow));
        await using IAsyncEnumerator<GenerationUpdate> turn = session.SendAsync(Sum).GetAsyncEnumerator();
        await turn.MoveNextAsync();

        foreach (Func<Task> misuse in (Func<Task>[])
        [
            () => Text(session.SendAsync(Dog)), () => Text(session.RegenerateAsync()), () => session.SaveAsync(Stream.Null),
            () => Task.Run(() => session.History = []),
        ])
        {
            await misuse.Should().ThrowAsync<InvalidOperationException>().WithMessage("*chat session (llama-2, 2 messages)*under way*");
        }

        await turn.DisposeAsync();
        await Text(session.SendAsync(Dog));
    }

    [Fact]
    public void History_WithANull_IsRefused()
        => FluentActions.Invoking(() => _model.CreateChatSession(s_options).History = [null!]).Should().Throw<ArgumentException>();

    [Fact]
    public async Task SendAsync_StopTokenAndStopSequence_EndTheAnswerBefore()
    {
        IChatSession session = _model.CreateChatSession(s_options);
        List<GenerationUpdate> updates = await session.SendAsync(Cow).ToListAsync();
        string answer = session.History[^1].Content;
        int stop = updates[3].Token!.Value;

        IChatSession stopped = _model.CreateChatSession(s_options);
        List<GenerationUpdate> fewer = await stopped.SendAsync(Cow, s_greedy with { StopTokens = [stop] }).ToListAsync();
        fewer[^1].FinishReason.Should().Be(FinishReason.EndOfSequence);
        answer.Should().StartWith(stopped.History[^1].Content).And.NotBe(stopped.History[^1].Content);

        string text = await Text(_model.CreateChatSession(s_options).SendAsync(Cow, s_greedy with { StopSequences = [answer[3..6]] }));
        text.Should().Be(answer[..answer.IndexOf(answer[3..6], StringComparison.Ordinal)]);
    }

    [Theory]
    [MemberData(nameof(PresetNames))]
    public async Task SendAsync_EveryFormat_GoesOnFromTurnToTurn(string name)
    {
        PromptFormat format = PromptFormat.FindPreset(name)!;
        IChatSession session = _model.CreateChatSession(new ChatSessionOptions { PromptFormat = format, Generation = s_greedy with { MaxTokens = 12 } });

        string first = await Text(session.SendAsync(Cow));
        GenerationUsage second = await Usage(session.SendAsync(Sum));

        format.StopSequences.Should().NotContain(stop => first.Contains(stop, StringComparison.Ordinal));
        session.History.Select(message => message.Role).Should().Equal(LlamaRole.User, LlamaRole.Assistant, LlamaRole.User, LlamaRole.Assistant);
        second.CachedTokenCount.Should().BeGreaterThan(PromptFormat.Plain.Encode([LlamaMessage.User(Cow)], _model.Tokenizer).Length / 2);
    }

    [Fact]
    public async Task SendAsync_ContextOverflowStop_RefusesAndLeavesTheSessionOrEndsAnAnswerAtTheContext()
    {
        using LlamaModel model = LlamaModel.Load(DemonstrationModel.Path, new LlamaModelOptions { ContextLength = 60 });
        IChatSession session = model.CreateChatSession(s_options);
        string long60 = string.Concat(Enumerable.Repeat(Cow, 12));
        await FluentActions.Awaiting(() => Text(session.SendAsync(long60))).Should().ThrowAsync<ContextLengthException>();
        session.History.Should().BeEmpty();

        GenerationUpdate last = await session.SendAsync(Cow, new GenerationOptions { Temperature = 0, IgnoreEndOfSequence = true }).LastAsync();

        last.FinishReason.Should().Be(FinishReason.ContextLength);
        session.DroppedMessageCount.Should().Be(0);
        await FluentActions.Awaiting(() => Text(session.SendAsync(Sum))).Should().ThrowAsync<ContextLengthException>();
        session.History.Should().HaveCount(2);
    }

    [Fact]
    public async Task SendAsync_ContextOverflowDropOldestTurns_LeavesOutWholeTurnsAndNeverTheSystemMessage()
    {
        using LlamaModel model = LlamaModel.Load(DemonstrationModel.Path, new LlamaModelOptions { ContextLength = 128 });
        IChatSession session = model.CreateChatSession(s_options with { SystemPrompt = "Be kind.", Overflow = ContextOverflow.DropOldestTurns });
        LlamaMessage[] old = [.. Enumerable.Range(0, 40).SelectMany(i => (LlamaMessage[])[LlamaMessage.User($"What is {i} plus 1?"), LlamaMessage.Assistant($"It is {i + 1}.")])];
        session.History = [LlamaMessage.System("Be kind."), .. old];

        GenerationUsage usage = await Usage(session.SendAsync(Cow));

        int dropped = session.DroppedMessageCount;
        dropped.Should().BePositive().And.Match(count => count % 2 == 0);
        session.History.Should().HaveCount(1 + old.Length + 2, "the history keeps them");
        LlamaMessage[] Kept(int count) => [LlamaMessage.System("Be kind."), .. old[count..], LlamaMessage.User(Cow)];
        int[] prompt = PromptFormat.Llama2.Encode(Kept(dropped), model.Tokenizer);
        usage.PromptTokenCount.Should().Be(prompt.Length).And.BeLessThanOrEqualTo(128 - 32);
        PromptFormat.Llama2.Encode(Kept(dropped - 2), model.Tokenizer).Length.Should().BeGreaterThan(128 - 32, "no more messages than necessary are omitted");
        session.History[^1].Content.Should().Be((await Text(model.GenerateAsync(prompt, s_greedy))).TrimStart());
    }

    [Fact]
    public async Task SendAsync_ContextOverflowShift_GoesOnBeyondTheContextAfterTheSystemMessage()
    {
        using LlamaModel model = LlamaModel.Load(DemonstrationModel.Path, new LlamaModelOptions { ContextLength = 64 });
        IChatSession session = model.CreateChatSession(s_options with { SystemPrompt = "Be kind.", Overflow = ContextOverflow.Shift });

        GenerationUpdate last = await session.SendAsync(Cow, s_greedy with { MaxTokens = 150, IgnoreEndOfSequence = true }).LastAsync();

        last.FinishReason.Should().Be(FinishReason.MaxTokens);
        last.Usage!.GeneratedTokenCount.Should().Be(150);
        // The next turn's prompt omits the long turn.
        await Text(session.SendAsync(Sum, s_greedy with { MaxTokens = 5 }));
        session.DroppedMessageCount.Should().Be(2);
    }

    private static async Task<string> Text(IAsyncEnumerable<GenerationUpdate> updates) => string.Concat((await updates.ToListAsync()).Select(update => update.Text));

    private static async Task<GenerationUsage> Usage(IAsyncEnumerable<GenerationUpdate> updates) => (await updates.LastAsync()).Usage!;
}
