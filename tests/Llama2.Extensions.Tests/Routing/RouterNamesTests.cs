using Llama2.Tests;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

namespace Llama2.Extensions.Tests.Routing;

/// <summary>How a request names its model.</summary>
public sealed class RouterNamesTests(RouterFixture fixture) : IClassFixture<RouterFixture>
{
    private readonly ManualTimeProvider _clock = new();

    [Fact]
    public async Task RentAsync_NamesAliasesAndFiles_FindTheModel()
    {
        await using ServiceProvider services = fixture.CreateServices(_clock, options =>
        {
            options.Aliases["gpt-4o"] = "green";
            options.DefaultModel = "gpt-4o";
        });
        var router = services.GetRequiredService<LlamaRouter>();

        foreach (string? name in (string?[])["green", "GREEN", "gpt-4o", "GPT-4o", "green-model", "green-model.gguf", "Green-Model.GGUF", null])
        {
            using LlamaModelLease lease = await router.RentAsync(name);
            lease.Name.Should().Be("green", name);
        }

        router.Models[1].Aliases.Should().Equal("gpt-4o");
        await router.Invoking(it => it.RentAsync("yellow")).Should().ThrowAsync<LlamaModelNotFoundException>()
            .WithMessage("There is no model 'yellow'; the models are red, green, blue.");
    }

    [Fact]
    public async Task RentAsync_FilesWithOneNameAndSeveralExtensions_AreFoundByTheirWholeNames()
    {
        using var folder = new TemporaryFolder();
        string plain = folder.File("pale.gguf"), backup = folder.File("pale.gguf.bak");
        File.Copy(fixture.PathOf("red"), plain);
        File.Copy(fixture.PathOf("green"), backup);
        await using ServiceProvider services = fixture.CreateServices(_clock, options =>
        {
            options.Models["old"] = new LlamaOptions { ModelPath = backup, ThreadCount = 1 };
            options.Models["new"] = new LlamaOptions { ModelPath = plain, ThreadCount = 1 };
        });
        var router = services.GetRequiredService<LlamaRouter>();

        using LlamaModelLease whole = await router.RentAsync("pale.gguf"), shortened = await router.RentAsync("pale"), other = await router.RentAsync("pale.gguf.bak");

        whole.Name.Should().Be("new");
        shortened.Name.Should().Be("new");
        other.Name.Should().Be("old");
    }

    [Fact]
    public async Task RentAsync_NoNameAmongSeveral_IsRefused()
    {
        await using ServiceProvider services = fixture.CreateServices(_clock);

        await services.GetRequiredService<LlamaRouter>().Invoking(it => it.RentAsync()).Should().ThrowAsync<LlamaModelNotFoundException>()
            .WithMessage("No model is named*red, green, blue.");
    }

    [Fact]
    public async Task Adapter_IsChosenByTheName()
    {
        string path = RepositoryFiles.Committed("tests", "data", "forms", "huggingface"), adapterPath = RepositoryFiles.Committed("tests", "data", "adapters", "patterns");
        await using ServiceProvider services = fixture.CreateServices(_clock, options =>
        {
            var model = new LlamaOptions { ModelPath = path };
            model.Adapters["poems"] = new LlamaAdapterOptions { Path = adapterPath, Scale = 0 };
            options.Models["forms"] = model;
        });
        var router = services.GetRequiredService<LlamaRouter>();
        using var own = LlamaModel.Load(path);
        using LlamaAdapter adapter = own.LoadAdapter(adapterPath);

        using LlamaModelLease plain = await router.RentAsync("forms"), poems = await router.RentAsync("forms:Poems");

        (plain.Name, poems.Name).Should().Be(("forms", "forms:poems"));
        plain.Adapters.Should().BeEmpty();
        poems.Adapters.Single().Scale.Should().Be(1);
        float[] expected = (await own.ComputeEmbeddingsAsync((string[])["A cow"], new EmbeddingOptions { Adapters = [new LlamaAdapterUse(adapter)] }))[0];
        (await poems.EmbeddingGenerator.GenerateVectorAsync("A cow")).ToArray().Should().Equal(expected);
        (await plain.EmbeddingGenerator.GenerateVectorAsync("A cow")).ToArray().Should().NotEqual(expected);
    }

    [Fact]
    public async Task ChatClient_ModelId_ChoosesTheModel()
    {
        await using ServiceProvider services = fixture.CreateServices(_clock, options =>
        {
            options.Models["story"] = new LlamaOptions { ModelPath = DemonstrationModel.Path };
            options.Aliases["tale"] = "story";
        });
        var router = services.GetRequiredService<LlamaRouter>();
        using IChatClient client = router.AsIChatClient();
        var options = new ChatOptions { ModelId = "tale", Temperature = 0 };
        using var model = LlamaModel.Load(DemonstrationModel.Path);
        using var direct = new LlamaChatClient(model);
        string expected = (await direct.GetResponseAsync("What sound does a cow make?", new ChatOptions { Temperature = 0 })).Text;

        ChatResponse whole = await client.GetResponseAsync("What sound does a cow make?", options);
        ChatResponse streamed = await client.GetStreamingResponseAsync("What sound does a cow make?", options).ToChatResponseAsync();

        (whole.Text, streamed.Text, whole.ModelId).Should().Be((expected, expected, "story"));
        options.ModelId.Should().Be("tale");
        router.Models.Should().OnlyContain(it => it.ActiveCount == 0);
        client.GetService<LlamaRouter>().Should().BeSameAs(router);
    }

    [Fact]
    public async Task EmbeddingGenerator_ModelId_ChoosesTheModel()
    {
        await using ServiceProvider services = fixture.CreateServices(_clock);
        using IEmbeddingGenerator<string, Embedding<float>> generator = services.GetRequiredService<LlamaRouter>().AsIEmbeddingGenerator();
        using var model = LlamaModel.Load(fixture.PathOf("blue"));

        Embedding<float> embedding = await generator.GenerateAsync("A cow", new EmbeddingGenerationOptions { ModelId = "blue" });

        embedding.Vector.ToArray().Should().Equal((await model.ComputeEmbeddingsAsync((string[])["A cow"]))[0]);
        embedding.ModelId.Should().Be("blue");
    }
}
