using Llama2.Tests;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using UnitTesting;

namespace Llama2.Extensions.Tests.Hosting;

/// <summary>The services of an application with a model that a test registers instead of the one that would be loaded.</summary>
public class OwnModelTests
{
    private static readonly ModelTokenizer s_tokenizer = ModelTokenizer.Load(DemonstrationModel.Path);

    [Theory]
    [InlineData("", true)]
    [InlineData("", false)]
    [InlineData("writer", true)]
    [InlineData("writer", false)]
    public async Task AddLlama_ModelOfATestsOwn_AnswersAndNeedsNoFile(string name, bool isFirst)
    {
        using var model = new ScriptedModel(s_tokenizer, "Yes.");
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        if (isFirst)
            Register();
        (name.Length == 0 ? builder.Services.AddLlama("missing.gguf") : builder.Services.AddLlama(name, "missing.gguf")).WarmUpOnStart().AddChatClient();
        if (!isFirst)
            Register();
        using IHost host = builder.Build();

        await host.StartAsync();
        ChatResponse response = await host.Services.GetRequiredKeyedService<IChatClient>(name).GetResponseAsync("Do you know a cow?");
        await host.StopAsync();

        (response.Text, response.FinishReason).Should().Be(("Yes.", ChatFinishReason.Stop));
        response.ModelId.Should().Be(name.Length == 0 ? model.Configuration.Name : name);

        void Register()
        {
            if (name.Length == 0)
                builder.Services.AddSingleton<ILlamaModel>(model);
            else
                builder.Services.AddKeyedSingleton<ILlamaModel>(name, model);
        }
    }

    [Fact]
    public async Task AddLlama_AnotherNamesModelIsOwn_StillNeedsItsFile()
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddLlama("reader", "missing.gguf");
        builder.Services.AddLlama("writer", "missing.gguf");
        using var model = new ScriptedModel(s_tokenizer, "Yes.");
        builder.Services.AddKeyedSingleton<ILlamaModel>("writer", model);
        using IHost host = builder.Build();

        (await host.Awaiting(it => it.StartAsync()).Should().ThrowAsync<OptionsValidationException>())
            .Which.Failures.Should().ContainSingle().Which.Should().Contain("'reader'").And.Contain("missing.gguf");
    }

    [Fact]
    public async Task EmbeddingGenerator_ModelOfOnesOwn_GivesItsVectors()
    {
        using var model = new LengthModel();
        using var generator = new LlamaEmbeddingGenerator(model);

        GeneratedEmbeddings<Embedding<float>> embeddings = await generator.GenerateAsync(["Red", "Red and blue"]);

        embeddings.Select(embedding => embedding.Vector.ToArray()[0]).Should().Equal(s_tokenizer.Encode("Red").Length, s_tokenizer.Encode("Red and blue").Length);
    }

    /// <summary>A model whose embeddings consist of the number of tokens.</summary>
    private sealed class LengthModel : ILlamaModel
    {
        private readonly ScriptedModel _inner = new(s_tokenizer, "");

        public ModelConfiguration Configuration => _inner.Configuration;

        public ModelTokenizer Tokenizer => s_tokenizer;

        public IAsyncEnumerable<GenerationUpdate> GenerateAsync(ReadOnlyMemory<int> promptTokens, GenerationOptions? options = null, CancellationToken cancellationToken = default)
            => _inner.GenerateAsync(promptTokens, options, cancellationToken);

        public Task<float[][]> ComputeEmbeddingsAsync(IReadOnlyList<ReadOnlyMemory<int>> texts, EmbeddingOptions? options = null, CancellationToken cancellationToken = default)
            => Task.FromResult(texts.Select(text => new float[] { text.Length, 0 }).ToArray());

        public void Dispose() => _inner.Dispose();
    }
}
