using Llama2.Tests;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace Llama2.Extensions.Tests.Hosting;

/// <summary>The examples of README.md and docs/hosting.md, with the demonstration model.</summary>
public class HostingExampleTests
{
    [Fact]
    public async Task Readme()
    {
        string modelPath = DemonstrationModel.Path;
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());

        builder.Services.AddLlama(modelPath).WarmUpOnStart().AddChatClient().UseOpenTelemetry();
        builder.Services.AddHealthChecks().AddLlama();

        using IHost host = builder.Build();
        await host.StartAsync();
        await host.Services.GetServices<IHostedService>().OfType<BackgroundService>().Single().ExecuteTask!;
        var client = host.Services.GetRequiredService<IChatClient>();
        var options = new ChatOptions { MaxOutputTokens = 4 };

        ChatResponse response = await client.GetResponseAsync("Where do llamas live?", options);

        response.Usage!.OutputTokenCount.Should().BeInRange(1, 4);
        (await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync()).Status.Should().Be(HealthStatus.Healthy);
        await host.StopAsync();
    }

    [Fact]
    public async Task NamedModels()
    {
        string modelPath = DemonstrationModel.Path;
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddInMemoryCollection([new("Models:Chat:ModelPath", modelPath), new("Models:Embeddings:ModelPath", modelPath)]);

        builder.Services.AddLlama("chat", builder.Configuration.GetSection("Models:Chat")).AddChatClient();
        builder.Services.AddLlama("embeddings", builder.Configuration.GetSection("Models:Embeddings")).AddEmbeddingGenerator();

        using IHost host = builder.Build();
        IServiceProvider services = host.Services;

        var client = services.GetRequiredKeyedService<IChatClient>("chat");
        var generator = services.GetRequiredKeyedService<IEmbeddingGenerator<string, Embedding<float>>>("embeddings");

        (await client.GetResponseAsync("Hello", new ChatOptions { MaxOutputTokens = 2 })).ModelId.Should().Be("chat");
        (await generator.GenerateVectorAsync("Hello")).Length.Should().BePositive();
    }

    [Fact]
    public async Task Router()
    {
        string storyPath = DemonstrationModel.Path, chatPath = DemonstrationModel.Path;
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());

        builder.Services.AddLlamaRouter(router =>
        {
            router.Models["story"] = new LlamaOptions { ModelPath = storyPath };
            router.Models["chat"] = new LlamaOptions { ModelPath = chatPath, ContextLength = 512 };
            router.Aliases["gpt-4o"] = "chat";
            router.MemoryByteSize = 8L << 30;
            router.IdleTime = TimeSpan.FromMinutes(10);
        });
        builder.Services.AddChatClient(provider => provider.GetRequiredService<LlamaRouter>().AsIChatClient());

        using IHost host = builder.Build();
        var client = host.Services.GetRequiredService<IChatClient>();

        ChatResponse response = await client.GetResponseAsync("Where do llamas live?", new ChatOptions { ModelId = "gpt-4o" });

        response.ModelId.Should().Be("chat");
        host.Services.GetRequiredService<LlamaRouter>().Models.Select(model => model.IsLoaded).Should().Equal(false, true);
    }

    [Fact]
    public async Task StructuredOutput()
    {
        using var model = LlamaModel.Load(DemonstrationModel.Path);
        using IChatClient client = new LlamaChatClient(model);

        ChatResponse<Animal> response = await client.GetResponseAsync<Animal>("Describe a llama.");
        Console.WriteLine(response.Result.Name);

        response.Result.Name.Should().NotBeNull();
    }

    // The demonstration model calls a tool only if it is forced to.
    [Fact]
    public async Task Tools()
    {
        using var model = LlamaModel.Load(DemonstrationModel.Path);
        AIFunction weather = AIFunctionFactory.Create((string city) => city == "Oslo" ? 4 : 21, "get_temperature", "The temperature in a city, in degrees Celsius");
        using IChatClient client = new LlamaChatClient(model).AsBuilder().UseFunctionInvocation().Build();

        ChatResponse response = await client.GetResponseAsync("Is it cold in Oslo?", new ChatOptions { Tools = [weather] });

        response.FinishReason.Should().NotBeNull();
    }

    [Fact]
    public async Task Options()
    {
        using var model = LlamaModel.Load(DemonstrationModel.Path);
        using IChatClient client = new LlamaChatClient(model, new LlamaChatClientOptions { PromptFormat = PromptFormat.Alpaca });

        var options = new ChatOptions
        {
            Instructions = "Answer in one sentence.",
            MaxOutputTokens = 100,
            AdditionalProperties = new() { ["min_p"] = 0.1, ["dry_multiplier"] = 0.8 },
        };

        options.MaxOutputTokens = 2;
        (await client.GetResponseAsync("Hello", options)).FinishReason.Should().NotBeNull();
    }

    [Fact]
    public async Task Conversation()
    {
        using var model = LlamaModel.Load(DemonstrationModel.Path);
        using IChatClient client = new LlamaChatClient(model, new LlamaChatClientOptions { PromptFormat = PromptFormat.Vicuna });

        var talk = new ChatOptions { ConversationId = "visitor 17", MaxOutputTokens = 50 };
        await client.GetResponseAsync("My name is Ada.", talk);
        ChatResponse response = await client.GetResponseAsync("What is my name?", talk);

        response.ConversationId.Should().Be("visitor 17");
    }

    [Fact]
    public async Task Scope()
    {
        using var model = LlamaModel.Load(DemonstrationModel.Path);
        string userId = "17";

        using IChatClient client = new LlamaChatClient(model, new LlamaChatClientOptions { PublicSystemPrompts = ["Answer in one sentence."] });
        var options = new ChatOptions
        {
            Instructions = "Answer in one sentence.",
            AdditionalProperties = new() { ["PrefixScope"] = $"user {userId}" },
        };

        ChatResponse response = await client.GetResponseAsync("Hello", options);

        response.Usage!.CachedInputTokenCount.Should().Be(0);
    }

    internal sealed record Animal(string Name, int HeightInCentimetres, string[] Colours);
}
