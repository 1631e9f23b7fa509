using System.Text;
using System.Text.Json.Nodes;
using Llama2.Formats.Gguf;
using Llama2.Tests.Adapters;

namespace Llama2.Tests.Chat;

public sealed class ChatSessionAdapterTests : IDisposable
{
    private const string Question = "Tell me a story.";
    private static readonly GenerationOptions s_generation = new() { Temperature = 1.5f, Seed = 7, MaxTokens = 40 };
    private readonly TemporaryFolder _folder = new();
    private readonly GgufFile _file = FloatModel.Open();
    private readonly LlamaModel _model;
    private readonly RandomAdapter _first, _second;
    private readonly LlamaAdapterUse[] _uses;

    public ChatSessionAdapterTests()
    {
        _model = LlamaModel.Load(_file, new LlamaModelOptions(), progress: null, CancellationToken.None);
        _first = new RandomAdapter(_file, RandomAdapter.Matrices(_file), 8, 1) { Alpha = 24 };
        _second = new RandomAdapter(_file, RandomAdapter.Matrices(_file), 4, 2) { Alpha = 12 };
        _uses = [new(_model.LoadAdapter(_first.Write(_folder)), 0.5f), new(_model.LoadAdapter(_second.Write(_folder)), 0.3f)];
    }

    public void Dispose()
    {
        _model.Dispose();
        _file.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task SendAsync_AdaptersOfTheSessionOrOfTheTurn_AnswersAsTheMergedModel()
    {
        using GgufFile file = RandomAdapter.Merge(_file, (_first, 0.5f), (_second, 0.3f));
        using LlamaModel merged = LlamaModel.Load(file, new LlamaModelOptions(), progress: null, CancellationToken.None);
        string[] expected = await AnswerTwice(merged.CreateChatSession(new() { Generation = s_generation }));

        string[] ofSession = await AnswerTwice(Session()), plain = await AnswerTwice(Session([]));
        string[] ofTurn = await AnswerTwice(Session([]), s_generation with { Adapters = _uses });

        ofSession.Should().Equal(expected);
        ofTurn.Should().Equal(expected);
        plain.Should().NotEqual(expected);
    }

    [Fact]
    public async Task RestoreChatSessionAsync_SameAdaptersLoadedAgainInAnyOrder_GoesOnWithThem()
    {
        IChatSession session = Session(), continued = Session();
        await Answer(session);
        continued.History = session.History;
        using LlamaAdapter first = _model.LoadAdapter(_first.Write(_folder)), second = _model.LoadAdapter(_second.Write(_folder));

        IChatSession restored = await Restore(await Save(session), [new(second, 0.3f), new(first, 0.5f)]);

        (await Answer(restored)).Should().Be(await Answer(continued));
        await Restore(await Save(restored), _uses);
    }

    [Fact]
    public async Task RestoreChatSessionAsync_OtherAdapters_IsRefusedWithThoseItWants()
    {
        byte[] saved = await Save(Session()), plain = await Save(Session([]));

        foreach (LlamaAdapterUse[]? others in (LlamaAdapterUse[]?[])[null, [], [_uses[0]], [_uses[0], new(_uses[1].Adapter, 0.4f)]])
        {
            await FluentActions.Awaiting(() => Restore(saved, others)).Should().ThrowAsync<ChatSessionException>()
                .WithMessage($"*2 adapters (*{_uses[0].Adapter.Fingerprint} with scale 0.5*{others?.Length ?? 0} are given*");
        }

        await FluentActions.Awaiting(() => Restore(plain, _uses)).Should().ThrowAsync<ChatSessionException>().WithMessage("*0 adapters*2 are given*");
    }

    [Fact]
    public async Task RestoreChatSessionAsync_DocumentFromBeforeThereWereAdapters_HasNone()
    {
        JsonObject json = JsonNode.Parse(await Save(Session([])))!.AsObject();
        json.Remove("adapters").Should().BeTrue();

        (await Restore(Encoding.UTF8.GetBytes(json.ToJsonString()), null)).History.Should().BeEmpty();
    }

    [Theory]
    [InlineData("null")]
    [InlineData("[null]")]
    [InlineData("[{}]")]
    [InlineData("7")]
    [InlineData("""[{ "fingerprint": null, "scale": 1 }]""")]
    [InlineData("""[{ "fingerprint": "a", "scale": "x" }]""")]
    public async Task RestoreChatSessionAsync_HostileAdapters_AreRefused(string adapters)
    {
        JsonObject json = JsonNode.Parse(await Save(Session([])))!.AsObject();
        json["adapters"] = JsonNode.Parse(adapters);

        await FluentActions.Awaiting(() => Restore(Encoding.UTF8.GetBytes(json.ToJsonString()), null)).Should().ThrowAsync<ChatSessionException>().WithMessage("*damaged*");
    }

    private IChatSession Session(LlamaAdapterUse[]? adapters = null) => _model.CreateChatSession(new() { Generation = s_generation with { Adapters = adapters ?? _uses } });

    private Task<IChatSession> Restore(byte[] json, LlamaAdapterUse[]? adapters) => _model.RestoreChatSessionAsync(new MemoryStream(json), new() { Adapters = adapters ?? [] });

    private static async Task<byte[]> Save(IChatSession session)
    {
        using var stream = new MemoryStream();
        await session.SaveAsync(stream);
        return stream.ToArray();
    }

    private static async Task<string[]> AnswerTwice(IChatSession session, GenerationOptions? options = null) => [await Answer(session, options), await Answer(session, options)];

    private static async Task<string> Answer(IChatSession session, GenerationOptions? options = null)
        => string.Concat((await session.SendAsync(Question, options).ToListAsync()).Select(update => update.Text));
}
