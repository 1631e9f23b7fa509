using UnitTesting;

namespace Llama2.Tests;

/// <summary>The behaviour of a user's own model that implements only the members without default implementations.</summary>
public class ILlamaModelTests
{
    private static readonly ModelTokenizer s_tokenizer = ModelTokenizer.Load(DemonstrationModel.Path);

    [Fact]
    public async Task Defaults_OfAModelOfOnesOwn_AreWhatTheirDescriptionsSay()
    {
        using ILlamaModel model = new ScriptedModel(s_tokenizer, "one");

        model.ContextLength.Should().Be(model.Configuration.ContextLength);
        model.HasFingerprint(model.Fingerprint).Should().BeTrue();
        model.HasFingerprint("another").Should().BeFalse();
        (model.ChatTemplate, model.Path, model.ThreadCount, model.Statistics).Should().Be((null, null, 1, default(LlamaModelStatistics)));
        GenerationResult result = await model.GenerateTextAsync("Once");
        (result.Text.Trim(), result.Usage.PromptTokenCount).Should().Be(("one", s_tokenizer.Encode("Once").Length));
    }

    [Fact]
    public async Task Members_ThatAreNotImplemented_SayWhichOfWhom()
    {
        using ILlamaModel model = new ScriptedModel(s_tokenizer, "one");

        model.Invoking(it => it.ThreadCount = 2).Should().Throw<NotSupportedException>().WithMessage("*ScriptedModel*ThreadCount*");
        model.Invoking(it => it.LoadAdapter("adapter.gguf")).Should().Throw<NotSupportedException>().WithMessage("*LoadAdapter*");
        await model.Awaiting(it => it.ComputeLogitsAsync(new[] { 1 })).Should().ThrowAsync<NotSupportedException>().WithMessage("*ComputeLogitsAsync*");
        await model.Awaiting(it => it.ComputeLogProbabilitiesAsync(new[] { 1, 2 })).Should().ThrowAsync<NotSupportedException>().WithMessage("*ComputeLogProbabilitiesAsync*");
        await model.Awaiting(it => it.ComputeTopLogProbabilitiesAsync(new[] { 1, 2 }, 1)).Should().ThrowAsync<NotSupportedException>().WithMessage("*ComputeTopLogProbabilitiesAsync*");
        await model.Awaiting(it => it.ComputeEmbeddingsAsync(["Red"])).Should().ThrowAsync<NotSupportedException>().WithMessage("*ComputeEmbeddingsAsync*");
    }

    [Fact]
    public async Task ChatSession_OfAModelOfOnesOwn_AnswersSavesAndGoesOn()
    {
        using ILlamaModel model = new ScriptedModel(s_tokenizer, "Yes.", "No.");
        IChatSession session = model.CreateChatSession(new ChatSessionOptions { SystemPrompt = "Be short." });
        using var saved = new MemoryStream();

        (await SendAsync(session, "Do you know a cow?")).Should().Be("Yes.");
        await session.SaveAsync(saved);
        saved.Position = 0;
        IChatSession restored = await model.RestoreChatSessionAsync(saved);
        (await SendAsync(restored, "And a bear?")).Should().Be("No.");

        session.PromptFormat.Should().Be(PromptFormat.Llama2, "the model's name says so");
        restored.History.Select(message => message.Content).Should().Equal("Be short.", "Do you know a cow?", "Yes.", "And a bear?", "No.");
    }

    private static async Task<string> SendAsync(IChatSession session, string text)
    {
        string answer = "";
        await foreach (GenerationUpdate update in session.SendAsync(text))
            answer += update.Text;
        return answer;
    }
}
