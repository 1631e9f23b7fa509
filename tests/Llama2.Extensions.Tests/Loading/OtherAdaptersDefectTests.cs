using Llama2.Tests;
using Microsoft.Extensions.AI;
using UnitTesting;

namespace Llama2.Extensions.Tests.Loading;

/// <summary>Faults that were found in chat clients for other local engines; each has a test here.</summary>
public sealed class OtherAdaptersDefectTests(DemonstrationModel demonstration) : IClassFixture<DemonstrationModel>
{
    private static readonly GenerationOptions s_greedy = new() { Temperature = 0, MaxTokens = 12 };

    // The fixed texts "User:" and "Assistant:" were used instead of the model's prompt format.
    [Theory]
    [InlineData("llama-2")]
    [InlineData("vicuna-v0")]
    [InlineData("vicuna-v1.1")]
    [InlineData("alpaca")]
    [InlineData("chatml")]
    [InlineData("zephyr")]
    [InlineData("mistral-instruct")]
    [InlineData("plain")]
    public async Task Prompt_OfEveryFormat_IsTheFormatsOwn(string name)
    {
        PromptFormat format = PromptFormat.Presets.Single(preset => preset.Name == name);
        using LlamaChatClient client = demonstration.CreateClient(format);

        ChatResponse response = await client.GetResponseAsync(
            [new(ChatRole.System, "Be kind."), new(ChatRole.User, "Hello"), new(ChatRole.Assistant, "Hi."), new(ChatRole.User, "Tell a story.")],
            new ChatOptions { RawRepresentationFactory = _ => s_greedy });

        GenerationResult direct = await demonstration.GenerateAsync(
            format, s_greedy with { StopSequences = format.StopSequences },
            LlamaMessage.System("Be kind."), LlamaMessage.User("Hello"), LlamaMessage.Assistant("Hi."), LlamaMessage.User("Tell a story."));
        response.Usage!.InputTokenCount.Should().Be(direct.Usage.PromptTokenCount);
        response.Text.Should().Be(direct.Text.TrimStart());
    }

    // "User:" and "Assistant:" were removed from answers.
    [Fact]
    public async Task Answer_ThatNamesRoles_IsNotCut()
    {
        using var model = new ScriptedModel(demonstration.Model.Tokenizer, "User: hello\nAssistant: hello");
        using var client = new LlamaChatClient(model);

        ChatResponse response = await client.GetResponseAsync("Write a dialogue.");

        response.Text.Should().Be("User: hello\nAssistant: hello");
        response.Usage!.CachedInputTokenCount.Should().Be(response.Usage.InputTokenCount - 1).And.BePositive();
    }

    // StopSequences were ignored.
    [Fact]
    public async Task StopSequences_EndTheAnswerBeforeThem()
    {
        ChatResponse response = await AskAsync(new ChatOptions { Temperature = 0, StopSequences = [" boy"] });

        response.Text.Should().Be(", there was a quiet");
        response.FinishReason.Should().Be(ChatFinishReason.Stop);
    }

    // A stop sequence was found only if it was exactly one token.
    [Theory]
    [InlineData("quiet boy named", ", there was a ")]
    [InlineData("oy nam", ", there was a quiet b")]
    [InlineData("d Finn. Finn l", ", there was a quiet boy name")]
    public async Task StopSequence_AcrossTokens_EndsTheAnswerWithinATokensText(string stop, string expected)
    {
        ChatResponse response = await AskAsync(new ChatOptions { Temperature = 0, StopSequences = [stop] });

        response.Text.Should().Be(expected);
        response.FinishReason.Should().Be(ChatFinishReason.Stop);
    }

    // Answers ended after 256 tokens although the caller had set no limit.
    [Fact]
    public async Task MaxOutputTokens_LeftOut_IsNoLimit()
    {
        ChatResponse response = await AskAsync(new ChatOptions { Temperature = 0, AdditionalProperties = new() { ["IgnoreEndOfSequence"] = true } });

        response.Usage!.OutputTokenCount.Should().BeGreaterThan(256, "the model continues until its context is full");
        response.Usage.TotalTokenCount.Should().BeInRange(demonstration.Model.ContextLength, demonstration.Model.ContextLength + 1);
        response.FinishReason.Should().Be(ChatFinishReason.Length);
    }

    // The properties FinishReason, Usage and ModelId were missing.
    [Fact]
    public async Task Response_HasFinishReasonUsageAndModelId()
    {
        ChatResponse response = await AskAsync(new ChatOptions { MaxOutputTokens = 2 });

        response.FinishReason.Should().Be(ChatFinishReason.Length);
        response.Usage!.TotalTokenCount.Should().BePositive();
        response.ModelId.Should().NotBeNullOrEmpty();
        response.CreatedAt.Should().NotBeNull();
    }

    // Instructions were put after the conversation.
    [Fact]
    public async Task Instructions_StandBeforeTheConversation()
    {
        using LlamaChatClient client = demonstration.CreateClient();

        ChatResponse response = await client.GetResponseAsync(
            [new(ChatRole.User, "upon a time")], new ChatOptions { Temperature = 0, Instructions = "Once " });

        response.Text.Should().StartWith(", there was a quiet boy");
    }

    // The metadata did not contain the model.
    [Fact]
    public void Metadata_NamesProviderAndModel()
    {
        using LlamaChatClient client = demonstration.CreateClient();

        var metadata = client.GetService<ChatClientMetadata>()!;
        metadata.ProviderName.Should().Be("llama2");
        metadata.DefaultModelId.Should().NotBeNullOrEmpty();
    }

    // PresencePenalty was passed to the engine as the repetition penalty, and FrequencyPenalty was ignored.
    [Theory]
    [InlineData(1.5f, 0f)]
    [InlineData(0f, 1.5f)]
    [InlineData(0.7f, 0.7f)]
    public async Task Penalties_AreTheModelsOwn(float presence, float frequency)
    {
        ChatResponse response = await AskAsync(new ChatOptions { Temperature = 0, MaxOutputTokens = 60, PresencePenalty = presence, FrequencyPenalty = frequency });

        GenerationResult direct = await demonstration.GenerateAsync(
            PromptFormat.Plain, new GenerationOptions { Temperature = 0, MaxTokens = 60, PresencePenalty = presence, FrequencyPenalty = frequency },
            LlamaMessage.User(Chatting.Prompt));
        response.Text.Should().Be(direct.Text).And.NotBe((await AskAsync(new ChatOptions { Temperature = 0, MaxOutputTokens = 60 })).Text);
    }

    // If the context was full, the finish reason was Stop.
    [Fact]
    public async Task FullContext_IsLength()
    {
        using var model = LlamaModel.Load(DemonstrationModel.Path, new LlamaModelOptions { ContextLength = 24 });
        using var client = new LlamaChatClient(model, new LlamaChatClientOptions { PromptFormat = PromptFormat.Plain });

        ChatResponse response = await client.GetResponseAsync(Chatting.Prompt, Chatting.Greedy);

        response.FinishReason.Should().Be(ChatFinishReason.Length);
        await client.Awaiting(it => it.GetResponseAsync(string.Concat(Enumerable.Repeat(Chatting.Prompt, 10)))).Should().ThrowAsync<ContextLengthException>();
    }

    // The client cached one generator, so two streams that were read alternately were mixed.
    [Fact]
    public async Task TwoStreams_ReadInTurn_AreTwo()
    {
        using LlamaChatClient client = demonstration.CreateClient();
        await using IAsyncEnumerator<ChatResponseUpdate> first = client.GetStreamingResponseAsync("Once upon a time", Chatting.Greedy).GetAsyncEnumerator();
        await using IAsyncEnumerator<ChatResponseUpdate> second = client.GetStreamingResponseAsync("One day a dog", Chatting.Greedy).GetAsyncEnumerator();
        string firstText = "", secondText = "";
        while (await first.MoveNextAsync() | await second.MoveNextAsync())
        {
            firstText += first.Current?.Text;
            secondText += second.Current?.Text;
            if (first.Current?.FinishReason is not null || second.Current?.FinishReason is not null)
                break;
        }

        (await client.GetResponseAsync("Once upon a time", Chatting.Greedy)).Text.Should().StartWith(firstText);
        (await client.GetResponseAsync("One day a dog", Chatting.Greedy)).Text.Should().StartWith(secondText);
        firstText.Should().NotBeEmpty().And.NotBe(secondText);
    }

    // The caller's options were changed.
    [Fact]
    public async Task Options_AreNotChanged()
    {
        ChatOptions options = Every(), before = Every();
        using LlamaChatClient client = demonstration.CreateClient(PromptFormat.ChatMl);
        List<ChatMessage> messages = [new(ChatRole.User, "Hello")];

        await client.GetResponseAsync(messages, options);

        options.Should().BeEquivalentTo(before);
        messages.Should().ContainSingle().Which.Text.Should().Be("Hello");

        static ChatOptions Every() => new()
        {
            Instructions = "Be kind.",
            ConversationId = "a",
            Temperature = 0.5f,
            MaxOutputTokens = 3,
            StopSequences = ["x"],
            AdditionalProperties = new() { ["min_p"] = 0.1 },
        };
    }

    private async Task<ChatResponse> AskAsync(ChatOptions options)
    {
        using LlamaChatClient client = demonstration.CreateClient();
        return await client.GetResponseAsync(Chatting.Prompt, options);
    }
}
