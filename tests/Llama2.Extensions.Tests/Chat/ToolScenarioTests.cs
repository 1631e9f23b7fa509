using System.ComponentModel;
using System.Diagnostics;
using Llama2.Tests;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Options;
using static Llama2.Extensions.Tests.ToolTexts;

// The reducers belong to the experimental part of Microsoft.Extensions.AI.
#pragma warning disable MEAI001

namespace Llama2.Extensions.Tests.Chat;

/// <summary>
/// The scenarios of Microsoft.Extensions.AI's own integration tests for chat clients in which functions are called; the names are the original ones. The
/// answers are written in advance, and the constraints of the requests check them.
/// </summary>
public sealed class ToolScenarioTests(DemonstrationModel demonstration) : IClassFixture<DemonstrationModel>
{
    internal sealed record PersonRecord(string Name, int Age = 42);

    [Fact]
    public async Task FunctionInvocation_AutomaticallyInvokeFunction_Parameterless()
    {
        ConstrainedScript script = Script(Call("GetSecretNumber", "{}"), "It is 42.");
        string source = Guid.NewGuid().ToString();
        using var recorder = new TelemetryRecorder(source);
        using IChatClient client = Client(script).AsBuilder().UseFunctionInvocation().UseOpenTelemetry(sourceName: source).Build();

        ChatResponse response = await client.GetResponseAsync("What is the current secret number?", new ChatOptions { Tools = [AIFunctionFactory.Create(() => 42, "GetSecretNumber")] });

        response.Text.Should().Be("It is 42.");
        Activity[] chats = [.. recorder.Activities.Where(activity => activity.DisplayName.StartsWith("chat", StringComparison.Ordinal))];
        chats.Should().HaveCount(2);
        chats.Sum(chat => (int)chat.GetTagItem("gen_ai.usage.input_tokens")!).Should().Be((int)response.Usage!.InputTokenCount!);
        chats.Sum(chat => (int)chat.GetTagItem("gen_ai.usage.output_tokens")!).Should().Be((int)response.Usage.OutputTokenCount!);
        chats.Select(chat => chat.GetTagItem("gen_ai.response.finish_reasons")).Should().BeEquivalentTo(["[\"tool_calls\"]", "[\"stop\"]"]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task FunctionInvocation_AutomaticallyInvokeFunction_WithParameters(bool streams)
    {
        ConstrainedScript script = Script(Call("SecretComputation", """{"a": 42, "b": 84}"""), "The result is 3528.");
        using IChatClient client = Client(script).AsBuilder().UseFunctionInvocation().Build();
        ChatOptions options = new() { Tools = [AIFunctionFactory.Create((int a, int b) => a * b, "SecretComputation")] };

        string text = streams
            ? string.Concat((await client.GetStreamingResponseAsync("What is the result?", options).ToListAsync()).Select(update => update.Text))
            : (await client.GetResponseAsync("What is the result?", options)).Text;

        text.Should().Be("The result is 3528.");
        script.Prompts[1].Should().Contain("\"content\": 3528");
    }

    [Theory]
    [InlineData("""{"id": "foo"}""", "42")]
    [InlineData("{}", "-1")]
    public async Task FunctionInvocation_OptionalParameter(string arguments, string result)
    {
        ConstrainedScript script = Script(Call("GetSecretNumberById", arguments), "Done.");
        using IChatClient client = Client(script).AsBuilder().UseFunctionInvocation().Build();

        await client.GetResponseAsync("Well?", new ChatOptions { Tools = [AIFunctionFactory.Create((string id = "defaultId") => id is "foo" ? 42 : -1, "GetSecretNumberById")] });

        script.Prompts[1].Should().Contain($"\"content\": {result}");
    }

    [Fact]
    public async Task FunctionInvocation_NestedParameters()
    {
        ConstrainedScript script = Script(Call("GetSecretNumberByPerson", """{"person": {"name": "John", "age": 19}}"""), "It is 61.");
        using IChatClient client = Client(script).AsBuilder().UseFunctionInvocation().Build();
        AIFunction function = AIFunctionFactory.Create((PersonRecord person) => person.Name is "John" ? 42 + person.Age : -1, "GetSecretNumberByPerson");

        ChatResponse response = await client.GetResponseAsync("What is the secret number for John aged 19?", new ChatOptions { Tools = [function] });

        response.Text.Should().Be("It is 61.");
        script.Prompts[1].Should().Contain("\"content\": 61");
    }

    [Fact]
    public async Task FunctionInvocation_ArrayParameter()
    {
        using IChatClient client = Client(Script(Call("AddItemsToShoppingCart", """{"items": ["bacon", "lettuce", "tomatoes"], "shopperId": "Peter"}"""), "Added."))
            .AsBuilder().UseFunctionInvocation().Build();
        string? shopper = null;
        List<string> cart = [];
        AIFunction function = AIFunctionFactory.Create(
            (string[] items, string shopperId) =>
            {
                cart.AddRange(items);
                shopper = shopperId;
            },
            "AddItemsToShoppingCart");

        ChatResponse response = await client.GetResponseAsync("Add bacon, lettuce and tomatoes to Peter's shopping cart.", new ChatOptions { Tools = [function] });

        shopper.Should().Be("Peter");
        cart.Should().Equal("bacon", "lettuce", "tomatoes");
        response.Messages.SelectMany(message => message.Contents).OfType<FunctionResultContent>().Should().ContainSingle();
    }

    // The functions are those of the original test, with the same schemas of MCP servers. All of them are accepted in one request.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task AvailableTools_SchemasAreAccepted(bool strict)
    {
        ConstrainedScript script = Script("The Eiffel Tower.");
        using IChatClient client = Client(script).AsBuilder().UseFunctionInvocation().Build();
        AITool[] tools = [.. ToolsOfEveryType.Create(strict)];

        ChatResponse response = await client.GetResponseAsync("Briefly, what is the most popular tower in Paris?", new ChatOptions { Tools = tools, MaxOutputTokens = 100 });

        response.Text.Should().Be("The Eiffel Tower.");
        foreach (AITool tool in tools)
            script.Prompts[0].Should().Contain($"{{\"name\": \"{tool.Name}\", ");
    }

    [Fact]
    public async Task FunctionInvocation_SupportsMultipleParallelRequests()
    {
        ConstrainedScript script = Script($"{Call("GetPersonAge", """{"personName": "Elsa"}""")}\n{Call("GetPersonAge", """{"personName": "Anna"}""")}", "3");
        using IChatClient client = Client(script).AsBuilder().UseFunctionInvocation(configure: it => it.AllowConcurrentInvocation = true).Build();
        ChatOptions options = new()
        {
            Tools = [AIFunctionFactory.Create((string personName) => personName switch { "Elsa" => 21, "Anna" => 18, _ => 30 }, "GetPersonAge")],
            AllowMultipleToolCalls = true,
        };

        ChatResponse response = await client.GetResponseAsync("How much older is Elsa than Anna?", options);

        response.Text.Should().Be("3");
        response.Messages[0].Contents.OfType<FunctionCallContent>().Select(call => call.CallId).Should().HaveCount(2).And.OnlyHaveUniqueItems();
        script.Prompts[1].Should().Contain("\"content\": 21").And.Contain("\"content\": 18");
    }

    [Fact]
    public async Task FunctionInvocation_RequireAny()
    {
        int callCount = 0;
        using IChatClient client = Client(Script(Call("GetSecretNumber", "{}"), "Birds are real.")).AsBuilder().UseFunctionInvocation().Build();

        await client.GetResponseAsync("Are birds real?", new ChatOptions { Tools = [AIFunctionFactory.Create(() => ++callCount, "GetSecretNumber")], ToolMode = ChatToolMode.RequireAny });

        callCount.Should().Be(1);
    }

    [Fact]
    public async Task FunctionInvocation_RequireSpecific()
    {
        bool shieldsUp = false;
        AIFunction number = AIFunctionFactory.Create(() => 123, "GetSecretNumber"), shields = AIFunctionFactory.Create(() => shieldsUp = true, "ShieldsUp");
        using IChatClient client = Client(Script(Call("ShieldsUp", "{}"), "Done.")).AsBuilder().UseFunctionInvocation().Build();
        using IChatClient another = Client(Script(Call("GetSecretNumber", "{}"), "Done."));
        ChatOptions options = new() { Tools = [number, shields], ToolMode = ChatToolMode.RequireSpecific("ShieldsUp") };

        await client.GetResponseAsync("What's the current secret number?", options);

        shieldsUp.Should().BeTrue();
        await another.Awaiting(it => it.GetResponseAsync("What's the current secret number?", options)).Should().ThrowAsync<InvalidOperationException>();
    }

    [Fact]
    public async Task Caching_BeforeFunctionInvocation_AvoidsExtraCalls()
    {
        int functionCount = 0;
        ConstrainedScript script = Script(Call("GetTemperature", "{}"), "It is 101 degrees.");
        AIFunction temperature = AIFunctionFactory.Create([Description("Gets the current temperature")] () => $"{100 + ++functionCount} degrees celsius", "GetTemperature");
        using IChatClient client = Client(script).AsBuilder().ConfigureOptions(options => options.Tools = [temperature]).UseDistributedCache(Cache()).UseFunctionInvocation().Build();

        ChatResponse first = await client.GetResponseAsync("What is the temperature?");
        ChatResponse second = await client.GetResponseAsync("What is the temperature?");

        (first.Text, second.Text).Should().Be(("It is 101 degrees.", "It is 101 degrees."));
        (functionCount, script.Prompts.Length).Should().Be((1, 2));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Caching_AfterFunctionInvocation(bool changes)
    {
        int functionCount = 0;
        ConstrainedScript script = Script(Call("GetTemperature", "{}"), "First.", "Second.");
        AIFunction temperature = AIFunctionFactory.Create([Description("Gets the current temperature")] () => $"{(++functionCount > 1 && changes ? 82 : 81)} degrees celsius", "GetTemperature");
        using IChatClient client = Client(script).AsBuilder().ConfigureOptions(options => options.Tools = [temperature]).UseFunctionInvocation().UseDistributedCache(Cache()).Build();

        ChatResponse first = await client.GetResponseAsync("What is the temperature?");
        ChatResponse second = await client.GetResponseAsync("What is the temperature?");

        // The call from the cache has the same id as before, so an equal result gives an equal second request.
        (first.Text, second.Text).Should().Be(("First.", changes ? "Second." : "First."));
        (functionCount, script.Prompts.Length).Should().Be((2, changes ? 3 : 2));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Logging_LogsFunctionCalls(bool streams)
    {
        using var log = new RecordingLoggerFactory();
        using IChatClient client = Client(Script(Call("GetSecretNumber", "{}"), "It is 42.")).AsBuilder().UseFunctionInvocation().UseLogging(log).Build();
        ChatOptions options = new() { Tools = [AIFunctionFactory.Create(() => 42, "GetSecretNumber")] };

        if (streams)
            await client.GetStreamingResponseAsync("What is the current secret number?", options).ToListAsync();
        else
            await client.GetResponseAsync("What is the current secret number?", options);

        string all = string.Join('\n', log.Entries.Select(entry => entry.Message));
        all.Should().Contain("What is the current secret number?").And.Contain("\"name\": \"GetSecretNumber\"").And.Contain("\"result\": 42");
    }

    [Fact]
    public async Task SummarizingChatReducer_WithFunctionCalls()
    {
        ConstrainedScript script = Script(
            "Both cities were asked about.", Call("GetWeather", """{"city": "Miami"}"""), "Again both.", "Miami, it is sunny.");
        using LlamaChatClient inner = Client(script);
        using IChatClient client = inner.AsBuilder().UseFunctionInvocation().UseChatReducer(new SummarizingChatReducer(inner, targetCount: 2, threshold: 0)).Build();
        AIFunction weather = AIFunctionFactory.Create((string city) => city == "Miami" ? "Sunny, 28°C" : "Rainy, 15°C", "GetWeather");
        ChatMessage[] messages =
        [
            new(ChatRole.User, "What's the weather in Seattle?"), new(ChatRole.Assistant, "Let me check."), new(ChatRole.User, "And what about Miami?"),
            new(ChatRole.Assistant, "I'll check that too."), new(ChatRole.User, "Which city had better weather?"),
        ];

        ChatResponse response = await client.GetResponseAsync(messages, new ChatOptions { Tools = [weather] });

        response.Text.Should().Contain("Miami");
        script.Prompts[1].Should().Contain("Both cities were asked about.").And.NotContain("Seattle");
        script.Prompts[^1].Should().Contain("Sunny, 28°C");
    }

    [Fact]
    public async Task SummarizingChatReducer_PreservesSystemMessage()
    {
        ConstrainedScript script = Script("They spoke of the weather.", "4, matey.");
        using LlamaChatClient inner = Client(script);
        using IChatClient client = inner.AsBuilder().UseChatReducer(new SummarizingChatReducer(inner, targetCount: 2, threshold: 0)).Build();
        ChatMessage[] messages =
        [
            new(ChatRole.System, "You are a pirate."), new(ChatRole.User, "Tell me about the weather"), new(ChatRole.Assistant, "Ahoy! Fine."),
            new(ChatRole.User, "Tomorrow?"), new(ChatRole.Assistant, "Arr, cloudy."), new(ChatRole.User, "What's 2 + 2?"),
        ];

        ChatResponse response = await client.GetResponseAsync(messages);

        response.Text.Should().Be("4, matey.");
        script.Prompts[1].Should().Contain("You are a pirate.").And.Contain("They spoke of the weather.").And.Contain("Arr, cloudy.").And.NotContain("Ahoy");
    }

    [Fact]
    public async Task GetResponseAsync_StructuredOutput_WithFunctions()
    {
        using IChatClient client = Client(Script(Call("GetPersonById", """{"personId": 123}"""), """{"name": "Jimbo Smith", "age": 35}""")).AsBuilder().UseFunctionInvocation().Build();
        int id = 0;
        AIFunction function = AIFunctionFactory.Create(
            (int personId) =>
            {
                id = personId;
                return new PersonRecord("Jimbo Smith", 35);
            },
            "GetPersonById");

        ChatResponse<PersonRecord> response = await client.GetResponseAsync<PersonRecord>("Who is person with ID 123?", new ChatOptions { Tools = [function] });

        (response.Result, id).Should().Be((new PersonRecord("Jimbo Smith", 35), 123));
    }

    [Fact]
    public async Task GetResponseAsync_StructuredOutput_NonNative()
    {
        ConstrainedScript script = Script("""{"name": "Jimbo Smith"}""");
        using LlamaChatClient client = Client(script);

        ChatResponse<PersonRecord> response = await client.GetResponseAsync<PersonRecord>("Supply a person.", useJsonSchemaResponseFormat: false);

        response.Result.Name.Should().Be("Jimbo Smith");
        script.Options.Single().Constraint!.Kind.Should().Be("JSON");
        script.Prompts.Single().Should().Contain("\"properties\"").And.Contain("Answer only with JSON.");
    }

    // As with tool reduction, each request has only the functions that it needs, and the history has calls of other functions.
    [Fact]
    public async Task ToolReduction_HistoryWithCallsOfToolsThatAreNotThere()
    {
        ConstrainedScript script = Script(Call("GetWeatherForecast", "{}"), "Rain.", Call("TranslateText", "{}"), "Bonsoir.");
        AITool[] all = [AIFunctionFactory.Create(() => "Weather data", "GetWeatherForecast"), AIFunctionFactory.Create(() => "Translated text", "TranslateText")];
        using IChatClient client = Client(script).AsBuilder()
            .UseFunctionInvocation()
            .Use((messages, options, next, cancellationToken) =>
            {
                ChatOptions reduced = options!.Clone();
                string question = messages.Last(message => message.Role == ChatRole.User).Text;
                reduced.Tools = [all[question.StartsWith("Translate", StringComparison.Ordinal) ? 1 : 0]];
                return next(messages, reduced, cancellationToken);
            })
            .Build();
        List<ChatMessage> history = [new(ChatRole.User, "What will the weather be?")];

        history.AddMessages(await client.GetResponseAsync(history, new ChatOptions { Tools = [.. all] }));
        history.Add(new ChatMessage(ChatRole.User, "Translate 'good evening'."));
        ChatResponse response = await client.GetResponseAsync(history, new ChatOptions { Tools = [.. all] });

        response.Text.Should().Be("Bonsoir.");
        script.Prompts[^1].Should().Contain("Weather data").And.Contain("Translated text").And.NotContain("\"name\": \"GetWeatherForecast\", \"description\"");
    }

    private static MemoryDistributedCache Cache() => new(Options.Create(new MemoryDistributedCacheOptions()));

    private static LlamaChatClient Client(ConstrainedScript script) => new(script, new LlamaChatClientOptions { PromptFormat = PromptFormat.ChatMl });

    private ConstrainedScript Script(params string[] answers) => new(demonstration.Model.Tokenizer, answers);
}
