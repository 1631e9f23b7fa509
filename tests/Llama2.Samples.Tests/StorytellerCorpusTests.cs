using System.ComponentModel;
using System.Text.Json;
using Llama2.Extensions;
using Llama2.Training;
using Microsoft.Extensions.AI;
using TrainStoryteller.Corpus;

namespace Llama2.Samples.Tests;

/// <summary>What the demonstration model learns is what the library writes when it is used.</summary>
public class StorytellerCorpusTests
{
    private static readonly AIFunction[] s_functions =
    [
        AIFunctionFactory.Create((string city) => city, "get_weather", "The weather in a city"),
        AIFunctionFactory.Create((int left, int right) => left * right, "multiply", "The product of two numbers"),
        AIFunctionFactory.Create(([Description("The city")] string city) => city, "get_weather", "The weather in a city"),
        AIFunctionFactory.Create(
            ([Description("The first number")] int left, [Description("The second number")] int right) => left * right,
            "multiply", "The product of two numbers"),
    ];

    [Fact]
    public void Tools_Schemas_AreThoseOfMethods()
    {
        var tools = new Tools(new Random(1));

        string[] schemas = [.. Enumerable.Range(0, 400).SelectMany(_ => tools.Create(hasWeather: true, hasProduct: true)).Select(tool => tool.ParametersSchema).Distinct()];

        schemas.Should().Contain(s_functions.Select(function => new LlamaTool(function.Name, function.Description, function.JsonSchema).ParametersSchema));
    }

    [Fact]
    public void Documents_WithTools_AreWhatASessionEncodes()
    {
        var tokenizer = ModelTokenizer.Load(Path.Combine(AppContext.BaseDirectory, "storyteller-1m-Q8_0.gguf"));
        LlamaTool[] tools = [.. s_functions.Take(2).Select(function => new LlamaTool(function.Name, function.Description, function.JsonSchema))];
        var conversation = new Conversation("You are a friendly story teller.", tools, [new ToolQuestionWriter(new Random(1)).Write(QuestionKind.Cities)]);
        Question question = conversation.Questions[0];
        List<LlamaMessage> messages = [LlamaMessage.System(conversation.Instructions), LlamaMessage.User(question.Text)];
        foreach (ToolUse use in question.Uses)
            messages.AddRange([LlamaMessage.Assistant("", [use.Call]), LlamaMessage.Tool(use.Call, use.Result)]);
        messages.Add(LlamaMessage.Assistant(question.Answers[0]));
        IEnumerable<string> parts = new DocumentWriter(1).Write(conversation);

        parts.SelectMany(part => tokenizer.Encode(part, addBeginOfSequence: true, addEndOfSequence: true))
            .Should().Equal(PromptFormat.Llama2.Encode(messages, tokenizer, addGenerationPrompt: false, tools: tools));
        parts.Should().HaveCount(3);
    }

    [Fact]
    public void DocumentSamples_AreDocumentsOneByOne()
    {
        var tokenizer = ModelTokenizer.Load(Path.Combine(AppContext.BaseDirectory, "storyteller-1m-Q8_0.gguf"));
        var documents = new DocumentWriter(1);

        TrainingSample[] samples = DocumentSamples.Create(tokenizer, seed: 1, tokenCount: 20_000, CancellationToken.None);

        samples.Sum(sample => sample.Tokens.Length - 1).Should().BeInRange(20_000, 20_000 + DocumentSamples.MaxLength);
        samples.Should().OnlyContain(sample => sample.LossMask.Length == sample.Tokens.Length);
        foreach (TrainingSample sample in samples)
        {
            IEnumerable<int> whole = documents.Write().SelectMany(part => tokenizer.Encode(part, addBeginOfSequence: true, addEndOfSequence: true));
            sample.Tokens.ToArray().Should().Equal(whole.Take(DocumentSamples.MaxLength + 1));
        }
    }

    [Fact]
    public void Documents_WithTools_HaveCallsResultsAndJson()
    {
        var writer = new DocumentWriter(1);

        IReadOnlyList<string>[] documents = [.. Enumerable.Range(0, 300).Select(_ => writer.Write())];

        documents.Count(document => !document[0].StartsWith('[')).Should().BeInRange(65, 115, "30 % of documents are stories alone");
        documents.Should().Contain(document => document.Any(part => part.Contains("<tool_call>\n{\"name\": \"multiply\"")) && document.Any(part => part.StartsWith("[INST] <tool_response>")));
        documents.Should().Contain(document => document[0].Contains("Answer only with JSON that fits this JSON Schema"));
    }

    [Fact]
    public void ToolQuestions_AnswersHaveTheResults()
    {
        var questions = new ToolQuestionWriter(new Random(1));
        foreach (QuestionKind kind in (QuestionKind[])[QuestionKind.Weather, QuestionKind.Cities, QuestionKind.Product])
        {
            foreach (Question question in Enumerable.Range(0, 100).Select(_ => questions.Write(kind)))
            {
                question.Uses.Should().HaveCount(kind == QuestionKind.Cities ? 2 : 1);
                foreach (ToolUse use in question.Uses)
                {
                    question.Text.Should().ContainAll(use.Call.Arguments.EnumerateObject().Select(argument => argument.Value.ToString()));
                    question.Answers.Single().Should().Contain(use.Result);
                }
            }
        }
    }

    [Fact]
    public async Task Facts_Instructions_AreThoseOfTheClient()
    {
        using var model = LlamaModel.Load(Path.Combine(AppContext.BaseDirectory, "storyteller-1m-Q8_0.gguf"));
        using var client = new LlamaChatClient(model);
        string schema = ExtractionWriter.WriteSchema(["name", "place"]);
        LlamaMessage[] messages = [LlamaMessage.System(ExtractionWriter.WriteInstructions("Home", schema)), LlamaMessage.User("Well?")];

        ChatResponse<Home> response = await client.GetResponseAsync<Home>("Well?");

        response.Usage!.InputTokenCount.Should().Be(PromptFormat.Llama2.Encode(messages, model.Tokenizer).Length);
        IEnumerable<JsonProperty> members = ((ChatResponseFormatJson)ChatResponseFormat.ForJsonSchema<Home>()).Schema!.Value.EnumerateObject().Where(member => member.Name != "$schema");
        JsonSerializer.Serialize(members.ToDictionary(member => member.Name, member => member.Value)).Should().Be(schema);
    }

    internal sealed record Home(string Name, string Place);
}
