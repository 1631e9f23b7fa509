using System.Text;
using System.Text.Json.Nodes;
using Llama2.Chat;

namespace Llama2.Tests.Chat;

public class ChatSessionDocumentTests(DemonstrationModel demonstration) : IClassFixture<DemonstrationModel>
{
    private static readonly GenerationOptions s_generation = new() { Temperature = 0, MaxTokens = 30, StopSequences = ["\n\n"], LogitBias = new Dictionary<int, float> { [5] = float.NegativeInfinity } };
    private static readonly ChatSessionOptions s_options = new()
    {
        PromptFormat = PromptFormat.Vicuna,
        SystemPrompt = "Be \u00e4 \U0001F999 \"kind\".",
        Generation = s_generation,
        Overflow = ContextOverflow.DropOldestTurns,
        SpecialTokens = SpecialTokenPolicy.Reject,
    };

    private readonly LlamaModel _model = demonstration.Model;

    [Fact]
    public async Task SaveAsync_Restored_GoesOnAsTheSessionDoes()
    {
        IChatSession session = _model.CreateChatSession(s_options);
        await Answer(session, "Hello!");
        IChatSession restored = await Restore(await Save(session));

        restored.History.Should().Equal(session.History);
        restored.PromptFormat.Should().BeSameAs(PromptFormat.Vicuna);
        // A session does not know the tokens of a restored answer, so its text is encoded again, as in a session whose history was set.
        IChatSession other = _model.CreateChatSession(s_options);
        other.History = session.History;
        (await Answer(restored, "What is 3 plus 4?")).Should().Be(await Answer(other, "What is 3 plus 4?"));
        await FluentActions.Awaiting(() => Answer(restored, "USER: x")).Should().ThrowAsync<PromptFormatException>("the policy is restored too");
    }

    [Fact]
    public async Task ReadAsync_OptionsThatAnOlderDocumentLacks_HaveTheirDefaults()
    {
        JsonObject json = JsonNode.Parse(await Save(_model.CreateChatSession(s_options)))!.AsObject();
        json["generation"] = new JsonObject { ["topK"] = 7 };

        ChatSessionDocument document = await ChatSessionDocument.ReadAsync(new MemoryStream(Encoding.UTF8.GetBytes(json.ToJsonString())), _model, default);

        document.Generation.Should().BeEquivalentTo(new GenerationOptions { TopK = 7 });
    }

    // A stream of unknown length, such as a network stream: the buffer grows while the text arrives.
    [Theory]
    [InlineData(1)]
    [InlineData((1 << 16) - 40)]
    [InlineData(1 << 16)]
    [InlineData(300_000)]
    public async Task ReadAsync_DocumentThatLacksMembers_IsReadAtAnyLength(int textLength)
    {
        IChatSession session = _model.CreateChatSession(s_options);
        session.History = [LlamaMessage.User(new string('a', textLength)), LlamaMessage.Assistant("Hello.")];
        JsonObject json = JsonNode.Parse(await Save(session))!.AsObject();
        json.Remove("adapters");
        json.Remove("turnOrder");
        foreach (string option in (string[])["temperature", "topK"])
            json["generation"]!.AsObject().Remove(option);
        byte[] bytes = Encoding.UTF8.GetBytes(json.ToJsonString());

        foreach (Stream stream in (Stream[])[new MemoryStream(bytes), new UnseekableStream(bytes)])
        {
            ChatSessionDocument document = await ChatSessionDocument.ReadAsync(stream, _model, default);

            document.Messages.Should().Equal(session.History);
            document.Generation.Should().BeEquivalentTo(s_generation with { Temperature = new GenerationOptions().Temperature, TopK = new GenerationOptions().TopK });
            document.TurnOrder.Should().Be(TurnOrderPolicy.Strict);
            document.Adapters.Should().BeEmpty();
        }
    }

    [Theory]
    [InlineData("\"kind\": ", "\"\\ud800\": 1, \"kind\": ", "*damaged*")]
    [InlineData("\"specialTokens\": \"", "\"specialTokens\": \"75\", \"old\": \"", "*damaged*75*")]
    [InlineData("\"overflow\": \"", "\"overflow\": -1, \"old\": \"", "*damaged*-1*")]
    [InlineData("\"version\": 1", "\"version\": 2", "*version 2*later*")]
    [InlineData("\"version\": 1", "\"version\": -1", "*version -1*")]
    [InlineData("\"kind\": \"llama2-chat-session\"", "\"kind\": \"recipe\"", "*recipe*")]
    [InlineData("\"modelFingerprint\": \"", "\"modelFingerprint\": \"0", "*another model*")]
    [InlineData("\"promptFormat\": \"vicuna-v1.1\"", "\"promptFormat\": \"unheard-of\"", "*unheard-of*")]
    [InlineData("\"role\": \"User\"", "\"role\": \"Nobody\"", "*damaged*")]
    [InlineData("\"role\": \"User\"", "\"role\": 77", "*damaged*")]
    [InlineData("\"content\": \"Hi\"", "\"content\": null", "*damaged*")]
    [InlineData("\"temperature\": 0", "\"temperature\": 1e9", "*damaged*")]
    [InlineData("\"temperature\": 0", "\"temperature\": \"NaN\"", "*damaged*")]
    [InlineData("\"messages\": [", "\"messages\": [ null,", "*damaged*null*")]
    [InlineData("\"messages\": [", "\"messages\": [[[[[[[[[[[[", "*damaged*")]
    public async Task RestoreChatSessionAsync_HostileDocument_IsRefusedWithAReason(string original, string replacement, string message)
    {
        IChatSession session = _model.CreateChatSession(s_options);
        session.History = [LlamaMessage.User("Hi"), LlamaMessage.Assistant("Hello.")];
        string json = Encoding.UTF8.GetString(await Save(session));
        json.Should().Contain(original);
        int place = json.IndexOf(original, StringComparison.Ordinal);

        Func<Task> restore = () => Restore(Encoding.UTF8.GetBytes(json[..place] + replacement + json[(place + original.Length)..]));

        await restore.Should().ThrowAsync<LlamaException>().WithMessage(message);
    }

    [Fact]
    public async Task RestoreChatSessionAsync_TruncatedAnywhere_IsRefused()
    {
        IChatSession session = _model.CreateChatSession(s_options);
        session.History = [LlamaMessage.User("Hi")];
        byte[] json = await Save(session);
        for (int length = 0; length < json.Length; length++)
        {
            await FluentActions.Awaiting(() => Restore(json[..length])).Should().ThrowAsync<ChatSessionException>();
        }
    }

    [Fact]
    public async Task RestoreChatSessionAsync_EndlessStream_IsRefusedAtTheLimit()
    {
        using var endless = new EndlessStream();

        await FluentActions.Awaiting(() => _model.RestoreChatSessionAsync(endless)).Should().ThrowAsync<ChatSessionException>().WithMessage("*more than 67,108,864 bytes*");

        endless.ReadCount.Should().BeLessThan(65L << 20);
    }

    [Fact]
    public async Task SaveAsync_Path_ReplacesTheFileWholeOrNotAtAll()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("session.json");
        IChatSession session = _model.CreateChatSession(s_options);
        session.History = [LlamaMessage.User("Hi")];
        await session.SaveAsync(path);
        byte[] before = await File.ReadAllBytesAsync(path);
        session.History = [LlamaMessage.User("Good morning")];
        using var source = new CancellationTokenSource();
        await source.CancelAsync();

        await FluentActions.Awaiting(() => session.SaveAsync(path, source.Token)).Should().ThrowAsync<OperationCanceledException>();

        (await File.ReadAllBytesAsync(path)).Should().Equal(before);
        await session.SaveAsync(path);
        Encoding.UTF8.GetString(await File.ReadAllBytesAsync(path)).Should().Contain("Good morning");
        Directory.GetFiles(Path.GetDirectoryName(path)!).Should().Equal(path);
    }

    private static async Task<byte[]> Save(IChatSession session)
    {
        using var stream = new MemoryStream();
        await session.SaveAsync(stream);
        return stream.ToArray();
    }

    private static async Task<string> Answer(IChatSession session, string text)
        => string.Concat((await session.SendAsync(text).ToListAsync()).Select(update => update.Text));

    private Task<IChatSession> Restore(byte[] json) => _model.RestoreChatSessionAsync(new MemoryStream(json));

    private sealed class UnseekableStream(byte[] bytes) : MemoryStream(bytes)
    {
        public override bool CanSeek => false;
    }

    private sealed class EndlessStream : MemoryStream
    {
        public long ReadCount { get; private set; }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            buffer.Span.Fill((byte)' ');
            ReadCount += buffer.Length;
            return new(buffer.Length);
        }
    }
}
