using System.Diagnostics;
using System.Numerics.Tensors;
using Llama2.Tests;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Options;

namespace Llama2.Extensions.Tests.Embeddings;

/// <summary>
/// The contract of the generator, and the scenarios of Microsoft.Extensions.AI's own integration tests, with their original names: GenerateEmbedding,
/// GenerateEmbeddings, Caching, OpenTelemetry.
/// </summary>
public sealed class LlamaEmbeddingGeneratorTests(DemonstrationModel demonstration) : IClassFixture<DemonstrationModel>
{
    private LlamaModel Model => demonstration.Model;

    [Fact]
    public async Task GenerateEmbedding_CreatesEmbeddingSuccessfully()
    {
        using var generator = new LlamaEmbeddingGenerator(Model);

        GeneratedEmbeddings<Embedding<float>> embeddings = await generator.GenerateAsync(["Tim saw a dog."]);

        Embedding<float> embedding = embeddings.Should().ContainSingle().Which;
        embedding.Vector.ToArray().Should().Equal((await Model.ComputeEmbeddingsAsync(["Tim saw a dog."]))[0]);
        embedding.ModelId.Should().Be(generator.GetService<EmbeddingGeneratorMetadata>()!.DefaultModelId).And.NotBeNullOrEmpty();
        embedding.CreatedAt.Should().NotBeNull();
        int tokenCount = Model.Tokenizer.Encode("Tim saw a dog.", addBeginOfSequence: true).Length;
        embeddings.Usage!.InputTokenCount.Should().Be(tokenCount);
        embeddings.Usage.TotalTokenCount.Should().Be(tokenCount);
    }

    [Fact]
    public async Task GenerateEmbeddings_CreatesEmbeddingsSuccessfully()
    {
        using var generator = new LlamaEmbeddingGenerator(Model);

        GeneratedEmbeddings<Embedding<float>> embeddings = await generator.GenerateAsync(["Red", "White", "Blue"]);

        embeddings.Should().HaveCount(3).And.OnlyContain(embedding => embedding.Dimensions == Model.Configuration.EmbeddingLength);
        embeddings.Select(embedding => TensorPrimitives.Norm(embedding.Vector.Span)).Should().OnlyContain(length => Math.Abs(length - 1) < 1e-5f);
    }

    [Fact]
    public async Task Caching_SameOutputsForSameInput()
    {
        string source = Guid.NewGuid().ToString();
        using var recorder = new TelemetryRecorder(source);
        using IEmbeddingGenerator<string, Embedding<float>> generator = new LlamaEmbeddingGenerator(Model).AsBuilder()
            .UseDistributedCache(new MemoryDistributedCache(Options.Create(new MemoryDistributedCacheOptions())))
            .UseOpenTelemetry(sourceName: source)
            .Build();

        Embedding<float> first = await generator.GenerateAsync("Red");
        Embedding<float> same = await generator.GenerateAsync("Red");
        await generator.GenerateAsync("Green");

        same.Vector.ToArray().Should().Equal(first.Vector.ToArray());
        recorder.Activities.Should().HaveCount(2, "cached embeddings are not computed again");
    }

    [Fact]
    public async Task OpenTelemetry_CanEmitTracesAndMetrics()
    {
        string source = Guid.NewGuid().ToString();
        using var recorder = new TelemetryRecorder(source);
        using IEmbeddingGenerator<string, Embedding<float>> generator = new LlamaEmbeddingGenerator(Model).AsBuilder().UseOpenTelemetry(sourceName: source).Build();

        await generator.GenerateAsync("Hello, world!");

        Activity activity = recorder.Activities.Should().ContainSingle().Which;
        activity.DisplayName.Should().StartWith("embed");
        activity.GetTagItem("gen_ai.provider.name").Should().Be("llama2");
        activity.GetTagItem("gen_ai.usage.input_tokens").Should().BeOfType<int>().Which.Should().Be(Model.Tokenizer.Encode("Hello, world!", addBeginOfSequence: true).Length);
    }

    [Fact]
    public async Task GenerateAsync_NoValues_GivesNone()
    {
        using var generator = new LlamaEmbeddingGenerator(Model);

        GeneratedEmbeddings<Embedding<float>> embeddings = await generator.GenerateAsync([]);

        embeddings.Should().BeEmpty();
        embeddings.Usage!.TotalTokenCount.Should().Be(0);
    }

    [Fact]
    public async Task GenerateAsync_ManyAtOnce_GiveEachTheVectorItHasAlone()
    {
        using var generator = new LlamaEmbeddingGenerator(Model);
        string[] texts = [.. Enumerable.Range(0, 12).Select(i => $"Tim saw {i} dogs.")];

        Embedding<float>[] together = await Task.WhenAll(texts.Select(text => Task.Run(() => generator.GenerateAsync(text))));

        for (int i = 0; i < texts.Length; i++)
            together[i].Vector.ToArray().Should().Equal((await generator.GenerateAsync(texts[i])).Vector.ToArray());
    }

    [Fact]
    public async Task GenerateAsync_OptionsOfTheModel_AreHonoured()
    {
        var pooled = new EmbeddingOptions { Pooling = EmbeddingPooling.LastToken, Normalize = false };
        using var generator = new LlamaEmbeddingGenerator(Model, pooled, "story");
        var options = new EmbeddingGenerationOptions { ModelId = "Story", Dimensions = Model.Configuration.EmbeddingLength };

        Embedding<float> embedding = await generator.GenerateAsync("Red", options);
        options.RawRepresentationFactory = _ => new EmbeddingOptions();
        Embedding<float> other = await generator.GenerateAsync("Red", options);

        embedding.ModelId.Should().Be("story");
        embedding.Vector.ToArray().Should().Equal((await Model.ComputeEmbeddingsAsync(["Red"], pooled))[0]);
        other.Vector.ToArray().Should().Equal((await Model.ComputeEmbeddingsAsync(["Red"]))[0]);
    }

    [Fact]
    public async Task GenerateAsync_OtherDimensions_AreAnErrorThatNamesBoth()
    {
        using var generator = new LlamaEmbeddingGenerator(Model);

        await generator.Awaiting(it => it.GenerateAsync("Red", new EmbeddingGenerationOptions { Dimensions = 7 }))
            .Should().ThrowAsync<ArgumentException>().WithMessage($"EmbeddingGenerationOptions.Dimensions is 7*{Model.Configuration.EmbeddingLength}*");
    }

    [Fact]
    public async Task GenerateAsync_AnotherModel_IsAnErrorThatNamesBoth()
    {
        using var generator = new LlamaEmbeddingGenerator(Model, modelId: "story");

        await generator.Awaiting(it => it.GenerateAsync("Red", new EmbeddingGenerationOptions { ModelId = "other" }))
            .Should().ThrowAsync<ArgumentException>().WithMessage("EmbeddingGenerationOptions.ModelId is 'other'*'story'*");
    }

    [Fact]
    public async Task GenerateAsync_Cancelled_ThrowsWithTheCallersToken()
    {
        using var generator = new LlamaEmbeddingGenerator(Model);
        using var source = new CancellationTokenSource();
        await source.CancelAsync();

        await generator.Awaiting(it => it.GenerateAsync("Red", cancellationToken: source.Token))
            .Should().ThrowAsync<OperationCanceledException>().Where(exception => exception.CancellationToken == source.Token);
    }

    [Fact]
    public void GetService_WhatTheGeneratorIsMadeOf_IsFound()
    {
        using var generator = new LlamaEmbeddingGenerator(Model);

        generator.GetService<LlamaEmbeddingGenerator>().Should().BeSameAs(generator);
        generator.GetService<ILlamaModel>().Should().BeSameAs(Model);
        generator.GetService<ModelTokenizer>().Should().BeSameAs(Model.Tokenizer);
        generator.GetService<EmbeddingGeneratorMetadata>()!.DefaultModelDimensions.Should().Be(Model.Configuration.EmbeddingLength);
        generator.GetService<EmbeddingGeneratorMetadata>()!.ProviderName.Should().Be("llama2");
        generator.GetService<string>().Should().BeNull();
        generator.GetService<ILlamaModel>("key").Should().BeNull();
        generator.Invoking(it => it.GetService(null!)).Should().Throw<ArgumentNullException>();
    }

    [Fact]
    public async Task Dispose_Generator_LeavesTheModel()
    {
        var generator = new LlamaEmbeddingGenerator(Model);
        generator.Dispose();
        generator.Dispose();

        await generator.Awaiting(it => it.GenerateAsync("Red")).Should().ThrowAsync<ObjectDisposedException>();
        (await Model.ComputeEmbeddingsAsync(["Red"])).Should().ContainSingle();
    }
}
