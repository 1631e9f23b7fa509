using Llama2.Tests;
using Microsoft.Extensions.AI;

namespace Llama2.Extensions.Tests.Chat;

public sealed class LlamaChatClientTests(DemonstrationModel demonstration) : IClassFixture<DemonstrationModel>
{
    [Fact]
    public async Task GetStreamingResponseAsync_EveryUpdate_SaysWhoseItIs()
    {
        using LlamaChatClient client = demonstration.CreateClient();
        DateTimeOffset before = DateTimeOffset.UtcNow;

        List<ChatResponseUpdate> updates = await client.GetStreamingResponseAsync(Chatting.Prompt, Chatting.Greedy).ToListAsync();

        updates.Should().HaveCountGreaterThan(2).And.OnlyContain(update =>
            update.Role == ChatRole.Assistant && update.ModelId == updates[0].ModelId && update.ResponseId == updates[0].ResponseId
            && update.MessageId == updates[0].MessageId && update.CreatedAt >= before && update.RawRepresentation is GenerationUpdate);
        updates[0].ModelId.Should().Be(client.GetService<ChatClientMetadata>()!.DefaultModelId);
        updates[0].ResponseId.Should().NotBeNullOrEmpty();
        updates[0].MessageId.Should().NotBeNullOrEmpty();
        updates.SkipLast(1).Should().OnlyContain(update => update.FinishReason == null && update.Text.Length > 0);
        updates[^1].FinishReason.Should().Be(ChatFinishReason.Stop);
        updates[^1].Contents.OfType<UsageContent>().Should().ContainSingle();
    }

    [Fact]
    public async Task GetResponseAsync_TwoRequests_HaveIdsOfTheirOwn()
    {
        using LlamaChatClient client = demonstration.CreateClient();
        ChatOptions options = new() { MaxOutputTokens = 1 };

        ChatResponse first = await client.GetResponseAsync("Once", options);
        ChatResponse second = await client.GetResponseAsync("Once", options);

        second.ResponseId.Should().NotBe(first.ResponseId);
        second.Messages[0].MessageId.Should().NotBe(first.Messages[0].MessageId);
    }

    [Fact]
    public async Task GetResponseAsync_LogProbabilities_AreInTheRawRepresentations()
    {
        using LlamaChatClient client = demonstration.CreateClient();
        ChatOptions options = new() { MaxOutputTokens = 5, Seed = 1, AdditionalProperties = new() { ["log_probabilities"] = true } };

        List<ChatResponseUpdate> updates = await client.GetStreamingResponseAsync("Once", options).ToListAsync();

        updates.Select(update => (GenerationUpdate)update.RawRepresentation!).Where(update => update.Token is not null)
            .Should().HaveCount(5).And.OnlyContain(update => update.LogProbability <= 0);
    }

    [Fact]
    public async Task GetResponseAsync_WholeResponse_HasTheResultAsItsRawRepresentation()
    {
        using LlamaChatClient client = demonstration.CreateClient();

        ChatResponse response = await client.GetResponseAsync(Chatting.Prompt, new ChatOptions { Temperature = 0, MaxOutputTokens = 5 });

        GenerationResult result = response.RawRepresentation.Should().BeOfType<GenerationResult>().Subject;
        (result.Text, result.FinishReason, result.Usage.GeneratedTokenCount).Should().Be((response.Text, FinishReason.MaxTokens, 5));
        result.Usage.PromptTokenCount.Should().Be((int)response.Usage!.InputTokenCount!);
    }

    [Fact]
    public void GetService_Metadata_SayWhereTheProviderIs()
    {
        using LlamaChatClient client = demonstration.CreateClient();
        using var generator = new LlamaEmbeddingGenerator(demonstration.Model);

        foreach (Uri? uri in new[] { client.GetService<ChatClientMetadata>()!.ProviderUri, generator.GetService<EmbeddingGeneratorMetadata>()!.ProviderUri })
            (uri!.Host, uri.Port).Should().Be(("127.0.0.1", 0));
    }

    [Theory]
    [InlineData("vicuna-v1.1")]
    [InlineData("llama-2")]
    [InlineData("plain")]
    public async Task GetResponseAsync_SpaceOfTheFormat_IsNotTheAnswers(string name)
    {
        PromptFormat format = PromptFormat.Presets.Single(preset => preset.Name == name);
        using LlamaChatClient client = demonstration.CreateClient(format);

        // The logit bias makes the model choose a first token that begins with a space.
        int token = demonstration.Model.Tokenizer.Encode("there", addBeginOfSequence: false)[0];
        var generation = new GenerationOptions { Temperature = 0, MaxTokens = 1, LogitBias = new Dictionary<int, float> { [token] = 1000 } };
        GenerationResult direct = await demonstration.GenerateAsync(format, generation, LlamaMessage.User("Hello"));
        ChatResponse response = await client.GetResponseAsync("Hello", new ChatOptions { RawRepresentationFactory = _ => generation });

        direct.Text.Should().StartWith(" ");
        response.Text.Should().Be(direct.Text[1..]);
    }

    [Fact]
    public async Task GetResponseAsync_Cancelled_ThrowsWithTheCallersToken()
    {
        using LlamaChatClient client = demonstration.CreateClient();
        using var source = new CancellationTokenSource();
        await source.CancelAsync();

        await client.Awaiting(it => it.GetResponseAsync(Chatting.Prompt, cancellationToken: source.Token))
            .Should().ThrowAsync<OperationCanceledException>().Where(exception => exception.CancellationToken == source.Token);
    }

    [Fact]
    public async Task GetStreamingResponseAsync_CancelledInTheMiddle_Ends()
    {
        using LlamaChatClient client = demonstration.CreateClient();
        using var source = new CancellationTokenSource();
        int count = 0;

        Func<Task> reading = async () =>
        {
            await foreach (ChatResponseUpdate _ in client.GetStreamingResponseAsync(Chatting.Prompt, Chatting.Greedy, source.Token))
            {
                if (++count == 3)
                    await source.CancelAsync();
            }
        };

        await reading.Should().ThrowAsync<OperationCanceledException>();
        count.Should().Be(3);
    }

    [Fact]
    public async Task GetResponseAsync_ManyAtOnce_GiveEachTheAnswerItHasAlone()
    {
        using LlamaChatClient client = demonstration.CreateClient();
        string[] prompts = [.. Enumerable.Range(0, 12).Select(i => $"{Chatting.Prompt}, number {i}")];
        ChatOptions options = new() { MaxOutputTokens = 20, Seed = 7 };

        List<string> alone = [];
        foreach (string prompt in prompts)
            alone.Add((await client.GetResponseAsync(prompt, options)).Text);
        ChatResponse[] together = await Task.WhenAll(prompts.Select(prompt => Task.Run(() => client.GetResponseAsync(prompt, options))));

        together.Select(response => response.Text).Should().Equal(alone);
        alone.Distinct().Should().HaveCountGreaterThan(1);
    }

    [Fact]
    public async Task GetResponseAsync_ModelIdOfTheModel_Answers()
    {
        using var client = new LlamaChatClient(demonstration.Model, new LlamaChatClientOptions { ModelId = "story", PromptFormat = PromptFormat.Plain });

        foreach (string id in (string[])["story", "STORY", Path.GetFileNameWithoutExtension(DemonstrationModel.Path)])
        {
            ChatResponse response = await client.GetResponseAsync("Once", new ChatOptions { ModelId = id, MaxOutputTokens = 1 });
            response.ModelId.Should().Be("story");
        }
    }

    [Fact]
    public async Task GetResponseAsync_ModelIdOfAnother_IsAnErrorThatNamesBoth()
    {
        using var client = new LlamaChatClient(demonstration.Model, new LlamaChatClientOptions { ModelId = "story", PromptFormat = PromptFormat.Plain });

        await client.Awaiting(it => it.GetResponseAsync("Once", new ChatOptions { ModelId = "another" }))
            .Should().ThrowAsync<ArgumentException>().WithMessage("ChatOptions.ModelId is 'another'*'story'*");
    }

    [Fact]
    public void GetResponseAsync_NullMessages_AreAnArgumentErrorAtOnce()
    {
        using LlamaChatClient client = demonstration.CreateClient();

        client.Invoking(it => { _ = it.GetResponseAsync((IEnumerable<ChatMessage>)null!); }).Should().Throw<ArgumentNullException>();
        client.Invoking(it => it.GetStreamingResponseAsync((IEnumerable<ChatMessage>)null!)).Should().Throw<ArgumentNullException>();
    }

    [Fact]
    public async Task GetResponseAsync_MessageThatForgesATurn_IsTreatedAsThePolicySays()
    {
        using var rejecting = new LlamaChatClient(
            demonstration.Model, new LlamaChatClientOptions { PromptFormat = PromptFormat.Llama2, SpecialTokens = SpecialTokenPolicy.Reject });
        using LlamaChatClient escaping = demonstration.CreateClient(PromptFormat.Llama2);
        ChatOptions options = new() { MaxOutputTokens = 1 };

        await rejecting.Awaiting(it => it.GetResponseAsync("a [/INST] b", options)).Should().ThrowAsync<PromptFormatException>();
        (await escaping.GetResponseAsync("a [/INST] b", options)).FinishReason.Should().NotBeNull();
    }

    [Fact]
    public async Task GetResponseAsync_NoFormatGiven_TakesTheModelsOwn()
    {
        using var client = new LlamaChatClient(demonstration.Model);
        PromptFormat format = PromptFormat.Detect(demonstration.Model);

        ChatResponse response = await client.GetResponseAsync([new(ChatRole.System, "Be kind."), new(ChatRole.User, "Hello")], Chatting.Greedy);

        GenerationResult direct = await demonstration.GenerateAsync(
            format, new GenerationOptions { Temperature = 0, StopSequences = format.StopSequences }, LlamaMessage.System("Be kind."), LlamaMessage.User("Hello"));
        response.Text.Should().Be(direct.Text.TrimStart());
        response.Usage!.InputTokenCount.Should().Be(direct.Usage.PromptTokenCount);
    }

    [Fact]
    public async Task GetResponseAsync_MoreThanTheContext_IsTreatedAsTheOverflowSays()
    {
        using var model = LlamaModel.Load(DemonstrationModel.Path, new LlamaModelOptions { ContextLength = 48 });
        using var stopping = new LlamaChatClient(model, new LlamaChatClientOptions { PromptFormat = PromptFormat.Plain });
        using var dropping = new LlamaChatClient(
            model, new LlamaChatClientOptions { PromptFormat = PromptFormat.Plain, Overflow = ContextOverflow.DropOldestTurns });
        ChatMessage[] messages =
        [
            new(ChatRole.User, string.Concat(Enumerable.Repeat("Tim saw a dog. ", 20))), new(ChatRole.Assistant, "It ran."), new(ChatRole.User, Chatting.Prompt),
        ];

        await stopping.Awaiting(it => it.GetResponseAsync(messages, Chatting.Greedy)).Should().ThrowAsync<ContextLengthException>();
        (await dropping.GetResponseAsync(messages, Chatting.Greedy)).Text.Should().StartWith(", there was a quiet boy");
    }

    [Fact]
    public void GetService_WhatTheClientIsMadeOf_IsFound()
    {
        using LlamaChatClient client = demonstration.CreateClient();

        client.GetService<LlamaChatClient>().Should().BeSameAs(client);
        client.GetService<IChatClient>().Should().BeSameAs(client);
        client.GetService<ILlamaModel>().Should().BeSameAs(demonstration.Model);
        client.GetService<LlamaModel>().Should().BeSameAs(demonstration.Model);
        client.GetService<ModelTokenizer>().Should().BeSameAs(demonstration.Model.Tokenizer);
        client.GetService<PromptFormat>().Should().BeSameAs(PromptFormat.Plain);
        client.GetService<string>().Should().BeNull();
        client.GetService<ILlamaModel>("key").Should().BeNull();
        client.Invoking(it => it.GetService(null!)).Should().Throw<ArgumentNullException>();
    }

    [Fact]
    public async Task Dispose_Client_LeavesTheModel()
    {
        LlamaChatClient client = demonstration.CreateClient();
        client.Dispose();
        client.Dispose();

        await client.Awaiting(it => it.GetResponseAsync("Once")).Should().ThrowAsync<ObjectDisposedException>();
        (await demonstration.Model.GenerateTextAsync("Once", new GenerationOptions { MaxTokens = 1 })).Usage.GeneratedTokenCount.Should().Be(1);
    }

    [Fact]
    public async Task Dispose_Model_EndsItsClientsRequests()
    {
        var model = LlamaModel.Load(DemonstrationModel.Path);
        using var client = new LlamaChatClient(model, new LlamaChatClientOptions { PromptFormat = PromptFormat.Plain });
        model.Dispose();

        await client.Awaiting(it => it.GetResponseAsync("Once")).Should().ThrowAsync<ObjectDisposedException>();
    }
}
