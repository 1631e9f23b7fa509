using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using Llama2.Tests;
using Microsoft.Extensions.AI;

namespace Llama2.Extensions.Tests.Chat;

/// <summary>The demonstration model never learned JSON, so only the constraint gives its answers their form.</summary>
public sealed class StructuredOutputTests(DemonstrationModel demonstration) : IClassFixture<DemonstrationModel>
{
    internal enum Colour
    {
        Red,
        Green,
        Blue,
    }

    internal sealed record Animal(string Name, Colour Colour, int? Age = 3);

    internal sealed record Farm(string Owner, Animal[] Animals, double Area, bool IsOpen, Dictionary<string, int> Counts, Farm? Neighbour = null);

    internal sealed record Optional(bool? Flag, string? Text);

    internal sealed record Count([property: Range(-7, 12)] int Value);

    private static readonly ChatOptions s_options = new() { Temperature = 1.5f, TopK = 0, TopP = 1, AdditionalProperties = new() { ["min_p"] = 0 } };

    public static TheoryData<ulong> Seeds => [1, 2, 3, 4, 5, 6, 7, 8];

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task GetResponseAsync_Json_IsJsonWhereverItEnds(ulong seed)
    {
        using LlamaChatClient client = CreateClient();
        ChatOptions options = Options(ChatResponseFormat.Json, seed, maxTokens: 6 + (int)seed * 7);

        ChatResponse response = await client.GetResponseAsync("Tell me about a dog.", options);

        JsonDocument.Parse(response.Text).Dispose();
        response.Usage!.OutputTokenCount.Should().BeLessThanOrEqualTo(options.MaxOutputTokens!.Value);
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task GetStreamingResponseAsync_Schema_IsOneValueThatDeserializes(ulong seed)
    {
        using LlamaChatClient client = CreateClient();
        ChatOptions options = Options(ChatResponseFormat.ForJsonSchema<Farm>(), seed, maxTokens: 150);

        List<ChatResponseUpdate> updates = await client.GetStreamingResponseAsync("Tell me about a farm.", options).ToListAsync();

        string text = string.Concat(updates.Select(update => update.Text));
        JsonSerializer.Deserialize<Farm>(text, AIJsonUtilities.DefaultOptions)!.Owner.Should().NotBeNull();
        updates[^1].FinishReason.Should().Be(ChatFinishReason.Stop);
        updates.Count(update => update.FinishReason is not null).Should().Be(1);
        updates.Count.Should().BeGreaterThan(5);
    }

    // The types of Microsoft.Extensions.AI's own integration tests, and more.
    [Fact]
    public async Task GetResponseAsyncOfT_EveryType_IsThatType()
    {
        using LlamaChatClient client = CreateClient();

        (await Answer<Animal>(client)).Name.Should().NotBeNull();
        (await Answer<Farm>(client)).Animals.Should().NotBeNull();
        (await Answer<Animal[]>(client)).Should().NotContain(animal => !Enum.IsDefined(animal.Colour));
        (await Answer<List<string>>(client)).Should().NotContainNulls();
        Enum.IsDefined(await Answer<Colour>(client)).Should().BeTrue();
        // A schema says that a number is an integer, not how many bits it has.
        _ = await Answer<int>(client, maxTokens: 16);
        _ = await Answer<Optional>(client, maxTokens: 40);
        (await Answer<Count>(client)).Value.Should().BeInRange(-7, 12);
        _ = await Answer<double>(client);
        _ = await Answer<string>(client);
        _ = await Answer<bool>(client);
        _ = await Answer<Guid>(client);
    }

    [Fact]
    public async Task GetResponseAsyncOfT_NotNativeSchema_IsJson()
    {
        using LlamaChatClient client = CreateClient();

        ChatResponse<Animal> response = await client.GetResponseAsync<Animal>("Tell me about a dog.", Options(null, 3, 60), useJsonSchemaResponseFormat: false);

        JsonDocument.Parse(response.Text).Dispose();
    }

    [Fact]
    public async Task GetResponseAsync_Constraint_IsFollowedAndTheFormatComesFirst()
    {
        using LlamaChatClient client = CreateClient();
        ChatOptions options = Options(null, 1, 40);
        options.AdditionalProperties!["constraint"] = OutputConstraint.Choice(" yes", " no");

        string choice = (await client.GetResponseAsync("Well?", options)).Text;
        options.ResponseFormat = ChatResponseFormat.ForJsonSchema<int>();
        string number = (await client.GetResponseAsync("Well?", options)).Text;

        choice.Should().BeOneOf(" yes", " no");
        number.Should().MatchRegex(@"\A-?\d+\z");
    }

    [Fact]
    public async Task GetResponseAsync_GrammarByName_IsFollowed()
    {
        using LlamaChatClient client = CreateClient();
        ChatOptions options = Options(null, 1, 40);
        options.AdditionalProperties!["grammar"] = JsonElement.Parse(JsonSerializer.Serialize("root ::= (\"ab\" | \"cd\")+ \".\""));

        (await client.GetResponseAsync("Well?", options)).Text.Should().MatchRegex(@"\A(ab|cd)+\.\z");
    }

    [Fact]
    public async Task GetStreamingResponseAsync_SchemaThatCannotBeEnforced_ThrowsBeforeTheFirstUpdateAndSaysWhere()
    {
        using LlamaChatClient client = CreateClient();
        ChatOptions options = new() { ResponseFormat = ChatResponseFormat.ForJsonSchema(JsonElement.Parse("""{ "properties": { "a": { "type": "string", "pattern": "(a)\\1" } } }""")) };

        await using IAsyncEnumerator<ChatResponseUpdate> updates = client.GetStreamingResponseAsync("Well?", options).GetAsyncEnumerator();

        (await updates.Awaiting(it => it.MoveNextAsync().AsTask()).Should().ThrowAsync<OutputConstraintException>()).Which.Path.Should().Be("/properties/a/pattern");
    }

    [Fact]
    public async Task GetStreamingResponseAsync_TooFewTokensForAnyAnswer_ThrowsBeforeTheFirstUpdate()
    {
        using LlamaChatClient client = CreateClient();
        ChatOptions options = Options(ChatResponseFormat.ForJsonSchema<Farm>(), 1, maxTokens: 10);

        await using IAsyncEnumerator<ChatResponseUpdate> updates = client.GetStreamingResponseAsync("Well?", options).GetAsyncEnumerator();

        (await updates.Awaiting(it => it.MoveNextAsync().AsTask()).Should().ThrowAsync<OutputConstraintException>()).WithMessage("*10*MaxTokens*");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task GetResponseAsync_StopThatCouldCutTheJson_DoesNot(bool isSequence)
    {
        using LlamaChatClient client = CreateClient();
        ChatOptions options = new() { ResponseFormat = ChatResponseFormat.Json, AdditionalProperties = new() };
        if (isSequence)
            options.StopSequences = ["\""];
        else
            options.AdditionalProperties["stop_tokens"] = new[] { 300 };

        FluentActions.Invoking(() => JsonElement.Parse(client.GetResponseAsync("Well?", options).Result.Text)).Should().NotThrow();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task GetResponseAsync_Schema_IsDescribedToTheModelUnlessTurnedOff(bool describes)
    {
        var recorder = new PromptRecorder(demonstration.Model);
        using var client = new LlamaChatClient(recorder, new LlamaChatClientOptions { PromptFormat = PromptFormat.Llama2, DescribeResponseFormat = describes });
        ChatOptions options = Options(ChatResponseFormat.ForJsonSchema<Animal>(), 1, 100);
        options.Instructions = "Be kind.";

        await client.GetResponseAsync([new(ChatRole.System, "Be brief."), new(ChatRole.User, "Well?")], options);

        string prompt = demonstration.Model.Tokenizer.Decode(recorder.Prompts.Single());
        string system = "Be kind.\n\nBe brief." + (describes ? "\n\nAnswer only with JSON that fits this JSON Schema, 'Animal': {\"type\":\"object\"" : "\n<</SYS>>");
        prompt.Should().Contain(system);
        recorder.Options.Single().Constraint!.Kind.Should().Be("JSON schema");
    }

    [Fact]
    public async Task GetResponseAsync_SameSchemaTwice_HasOneConstraint()
    {
        var recorder = new PromptRecorder(demonstration.Model);
        using var client = new LlamaChatClient(recorder, new LlamaChatClientOptions { PromptFormat = PromptFormat.Llama2 });

        for (int i = 0; i < 2; i++)
            await client.GetResponseAsync("Well?", Options(ChatResponseFormat.ForJsonSchema<Animal>(), 1, 100));

        recorder.Options.Select(options => options.Constraint).Distinct().Should().ContainSingle();
    }

    // Each turn's schema is described in its own prompt only.
    [Fact]
    public async Task GetResponseAsync_JsonInAConversation_IsKeptAndTheDescriptionIsNot()
    {
        var recorder = new PromptRecorder(demonstration.Model);
        using var client = new LlamaChatClient(recorder, new LlamaChatClientOptions { PromptFormat = PromptFormat.ChatMl });
        ChatOptions options = Options(ChatResponseFormat.ForJsonSchema<Colour>(), 1, 20);
        options.ConversationId = "a";

        string colour = (await client.GetResponseAsync("Which?", options)).Text;
        options.ResponseFormat = null;
        await client.GetResponseAsync("Why?", options);

        demonstration.Model.Tokenizer.Decode(recorder.Prompts[1]).Should().Contain(colour).And.NotContain("JSON");
    }

    // The schema is not described in the prompt, because the model's context is short, and its vocabulary encodes most of a schema character by
    // character.
    private LlamaChatClient CreateClient() =>
        new(demonstration.Model, new LlamaChatClientOptions { PromptFormat = PromptFormat.Llama2, DescribeResponseFormat = false });

    private static async Task<T> Answer<T>(LlamaChatClient client, int maxTokens = 150)
    {
        ChatResponse<T> response = await client.GetResponseAsync<T>("Tell me about it.", Options(null, seed: 5, maxTokens));
        response.TryGetResult(out T? result).Should().BeTrue("'{0}' is a {1}", response.Text, typeof(T));
        return result!;
    }

    private static ChatOptions Options(ChatResponseFormat? format, ulong seed, int maxTokens)
    {
        ChatOptions options = s_options.Clone();
        (options.ResponseFormat, options.Seed, options.MaxOutputTokens) = (format, (long)seed, maxTokens);
        return options;
    }
}
