using System.Text.Json;
using Llama2.Tests;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Llama2.Extensions.Tests.Chat;

/// <summary>What requests of a <see cref="LlamaChatClient"/> can learn about the requests of others.</summary>
public class PrefixScopeTests
{
    private const string Instructions = "Answer in one short sentence, and be kind.", Secret = "My sister's name is Ada and she likes the sea.";

    [Theory]
    [InlineData("a", "b", false)]
    [InlineData("a", null, false)]
    [InlineData(null, "a", false)]
    [InlineData("a", "a", true)]
    [InlineData(null, null, true)]
    public async Task GetResponseAsync_SameMessagesInTwoScopes_AreCountedAsCachedInTheSameOneOnly(string? first, string? second, bool isCached)
    {
        using LlamaModel model = LlamaModel.Load(DemonstrationModel.Path);
        using var client = new LlamaChatClient(model, new LlamaChatClientOptions { PromptFormat = PromptFormat.Vicuna });
        await client.GetResponseAsync(Secret, In(first));

        UsageDetails usage = (await client.GetResponseAsync(Secret, In(second))).Usage!;

        usage.CachedInputTokenCount.Should().Be(isCached ? usage.InputTokenCount - 1 : 0);
    }

    [Fact]
    public async Task GetResponseAsync_ScopeOfTheClient_HoldsWhereARequestHasNone()
    {
        using LlamaModel model = LlamaModel.Load(DemonstrationModel.Path);
        LlamaChatClientOptions options = new() { PromptFormat = PromptFormat.Vicuna, PrefixScope = "client" };
        using var client = new LlamaChatClient(model, options);
        using var other = new LlamaChatClient(model, options with { PrefixScope = null });
        await client.GetResponseAsync(Secret, In(null));

        (await other.GetResponseAsync(Secret, In(null))).Usage!.CachedInputTokenCount.Should().Be(0);
        (await client.GetResponseAsync(Secret, In("user"))).Usage!.CachedInputTokenCount.Should().Be(0);
        (await other.GetResponseAsync(Secret, In("client"))).Usage!.CachedInputTokenCount.Should().BePositive();
        options.ToString().Should().NotContain("= client");
    }

    [Fact]
    public async Task GetResponseAsync_ScopeInStoredOptionsOrAFactory_IsTaken()
    {
        using LlamaModel model = LlamaModel.Load(DemonstrationModel.Path);
        using var client = new LlamaChatClient(model, new LlamaChatClientOptions { PromptFormat = PromptFormat.Vicuna });
        await client.GetResponseAsync(Secret, In("a"));
        var stored = JsonSerializer.Deserialize<ChatOptions>(JsonSerializer.Serialize(In("a"), AIJsonUtilities.DefaultOptions), AIJsonUtilities.DefaultOptions);
        var made = new ChatOptions { MaxOutputTokens = 4, RawRepresentationFactory = _ => new GenerationOptions { PrefixScope = "a" } };

        (await client.GetResponseAsync(Secret, stored)).Usage!.CachedInputTokenCount.Should().BePositive();
        (await client.GetResponseAsync(Secret, made)).Usage!.CachedInputTokenCount.Should().BePositive();
    }

    [Fact]
    public async Task GetResponseAsync_PublicInstructions_AreComputedOnceForAllScopes()
    {
        using LlamaModel model = LlamaModel.Load(DemonstrationModel.Path);
        using var client = new LlamaChatClient(model, new LlamaChatClientOptions { PromptFormat = PromptFormat.Vicuna, PublicSystemPrompts = [Instructions] });
        int publicCount = PromptFormat.Vicuna.Encode([LlamaMessage.System(Instructions), LlamaMessage.User("a")], model.Tokenizer)
            .AsSpan().CommonPrefixLength(PromptFormat.Vicuna.Encode([LlamaMessage.System(Instructions), LlamaMessage.User("7")], model.Tokenizer));
        for (int user = 0; user < 3; user++)
        {
            ChatOptions options = In($"user {user}");
            options.Instructions = Instructions;
            long cachedCount = (await client.GetResponseAsync(Secret, options)).Usage!.CachedInputTokenCount!.Value;

            cachedCount.Should().BeInRange(user == 0 ? 0 : publicCount - 2, user == 0 ? 0 : publicCount);
        }
    }

    [Fact]
    public async Task GetResponseAsync_ConversationIdOfAnotherScope_IsAnotherConversation()
    {
        using LlamaModel model = LlamaModel.Load(DemonstrationModel.Path);
        using var client = new LlamaChatClient(model, new LlamaChatClientOptions { PromptFormat = PromptFormat.Vicuna });
        ChatOptions first = In("a"), second = In("b");
        first.ConversationId = second.ConversationId = "talk";
        await client.GetResponseAsync(Secret, first);

        long secondCount = (await client.GetResponseAsync("Hello.", second)).Usage!.InputTokenCount!.Value;
        long firstCount = (await client.GetResponseAsync("Hello.", first)).Usage!.InputTokenCount!.Value;

        secondCount.Should().Be(PromptFormat.Vicuna.Encode([LlamaMessage.User("Hello.")], model.Tokenizer).Length);
        firstCount.Should().BeGreaterThan(secondCount + 10);
    }

    [Fact]
    public void AddLlama_ScopeAndPublicPromptsFromConfiguration_AreTheClients()
    {
        IConfiguration configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(new Dictionary<string, string?>
            {
                ["Llama:ModelPath"] = DemonstrationModel.Path,
                ["Llama:PrefixScope"] = "chat",
                ["Llama:PublicSystemPrompts:0"] = Instructions,
                ["Llama:PublicSystemPrompts:1"] = "Be brief.",
            })
            .Build();
        using ServiceProvider services = new ServiceCollection().AddLlama(configuration.GetSection("Llama")).Services.BuildServiceProvider();

        LlamaOptions options = services.GetRequiredService<IOptions<LlamaOptions>>().Value;

        LlamaChatClientOptions client = options.ToChatClientOptions(null, null);
        client.PrefixScope.Should().Be("chat");
        client.PublicSystemPrompts.Should().Equal(Instructions, "Be brief.");
    }

    [Theory]
    [InlineData("PrefixScope", "")]
    [InlineData("PublicSystemPrompts:0", "")]
    public void AddLlama_ValueOutOfRange_IsRefusedByItsName(string property, string value)
    {
        IConfiguration configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(new Dictionary<string, string?> { ["Llama:ModelPath"] = DemonstrationModel.Path, [$"Llama:{property}"] = value })
            .Build();
        using ServiceProvider services = new ServiceCollection().AddLlama(configuration.GetSection("Llama")).Services.BuildServiceProvider();

        services.Invoking(it => it.GetRequiredService<IOptions<LlamaOptions>>().Value)
            .Should().Throw<OptionsValidationException>().WithMessage($"*LlamaOptions.{property.Split(':')[0]}*");
    }

    private static ChatOptions In(string? scope)
        => new() { Temperature = 0, MaxOutputTokens = 4, AdditionalProperties = scope is null ? null : new() { ["PrefixScope"] = scope } };
}
