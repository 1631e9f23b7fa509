using System.Text.Json;
using Llama2.Tests;

namespace Llama2.Training.Tests.Datasets;

/// <summary>The learned tokens of an answer in a data set begin with the very token that generation produces first.</summary>
public sealed class FirstAnswerTokenTests : IDisposable
{
    private static readonly string s_modelPath = RepositoryFiles.Committed("samples", "models", "storyteller-1m-Q8_0.gguf");
    private static readonly string[] s_answers = ["5. Yes", "\u732B\u53EB", "\uACE0\uC591", "\u0642\u0637\u0629", "\u092C\u093F", "\u0E41\u0E21\u0E27", "\u03B3\u03AC\u03C4\u03B1", "\U0001F431", "Yes", "- a\n- b", "\"x\"", ": x"];

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> FormatNames =>
    [
        .. PromptFormat.Presets.Select(format => format.Name),
        "{% for m in messages %}{% if m.role == 'assistant' %}{{ ' ' + m.content + ' ' + eos_token }}{% else %}{{ bos_token + '[INST] ' + m.content + ' [/INST]' }}{% endif %}{% endfor %}",
    ];

    [Theory]
    [MemberData(nameof(FormatNames))]
    public void Load_AnswersOfAllScripts_AreLearnedFromTheEndOfTheirPrompt(string name)
    {
        PromptFormat format = PromptFormat.Presets.FirstOrDefault(preset => preset.Name == name) ?? PromptFormat.ForTemplate(name);
        ModelTokenizer tokenizer = ModelTokenizer.Load(s_modelPath);
        int[] prompt = format.Encode([LlamaMessage.User("Who?")], tokenizer);

        foreach (TrainingSample sample in Load("samples.jsonl", s_answers.Select(answer => new { prompt = "Who?", completion = answer }), tokenizer, format).Samples)
            VerifyBegin(sample, prompt);
        foreach (PreferencePair pair in Load("pairs.jsonl", s_answers.Select(answer => new { prompt = "Who?", chosen = answer, rejected = $"{answer}!" }), tokenizer, format).Pairs)
        {
            VerifyBegin(pair.Chosen, prompt);
            VerifyBegin(pair.Rejected, prompt);
        }
    }

    [Fact]
    public async Task Train_AnswersThatBeginWithADigit_BeginWithItWhenAsked()
    {
        string[] animals = ["cat", "dog", "duck", "cow", "owl", "frog"], sounds = ["meow", "woof", "quack", "moo", "hoot", "ribbit"];
        ModelTokenizer tokenizer = ModelTokenizer.Load(s_modelPath);
        TrainingDataset data = Load("digits.jsonl", animals.Zip(sounds).Select(pair => new { prompt = $"What does the {pair.First} say?", completion = $"5. The {pair.First} says {pair.Second}." }), tokenizer, PromptFormat.Llama2);
        var options = new TrainingOptions { LearningRate = 5e-3, BatchTokenCount = 256, EpochCount = 40, ThreadCount = 2 };
        string adapterPath = _folder.File("adapter.gguf");
        using (LlamaTrainer trainer = LlamaTrainer.Open(s_modelPath, options))
        {
            trainer.Train(data);
            trainer.SaveAdapter(adapterPath);
        }

        using LlamaModel model = LlamaModel.Load(s_modelPath);
        using LlamaAdapter adapter = model.LoadAdapter(adapterPath);
        var generation = new GenerationOptions { Temperature = 0, MaxTokens = 30, Adapters = [new LlamaAdapterUse(adapter)] };
        string answer = "";
        await foreach (GenerationUpdate update in model.CreateChatSession(new ChatSessionOptions { PromptFormat = PromptFormat.Llama2 }).SendAsync("What does the cat say?", generation))
            answer += update.Text;

        answer.Trim().Should().Be("5. The cat says meow.");
    }

    public void Dispose() => _folder.Dispose();

    private TrainingDataset Load<T>(string name, IEnumerable<T> records, ModelTokenizer tokenizer, PromptFormat format)
    {
        string path = _folder.File(name);
        File.WriteAllLines(path, records.Select(record => JsonSerializer.Serialize(record)));
        return TrainingDataset.Load(path, tokenizer, new DatasetOptions { PromptFormat = format });
    }

    private static void VerifyBegin(TrainingSample sample, int[] prompt)
    {
        sample.Tokens.Span.StartsWith(prompt).Should().BeTrue();
        sample.LossMask.Span.IndexOf(true).Should().Be(prompt.Length);
    }
}
