using System.Text.Json;
using Llama2.Tests;
using Llama2.Training;

namespace Llama2.Guard.Tests.Models;

/// <summary>
/// A guard in Llama Guard's form that is trained in seconds: an adapter of the demonstration model, for which a message is unsafe if and only if it contains one of two made-up words.
/// </summary>
public sealed class TrainedGuard : IDisposable
{
    public const string FirstMarker = "zorbla";
    public const string SecondMarker = "quimbit";

    private static readonly string[] s_animals = ["cow", "bear", "fox", "rabbit", "turtle", "dog", "horse", "duck"];
    private static readonly string[] s_places = ["cave", "forest", "lake", "hill", "school", "market", "beach", "stable"];
    private static readonly string[] s_things = ["hat", "boat", "cake", "drum", "kite", "rope"];
    private readonly string _folder = Directory.CreateTempSubdirectory("llama2-guard-").FullName;
    private readonly LlamaAdapter _adapter;

    public TrainedGuard()
    {
        Model = LlamaModel.Load(DemonstrationModel.Path);
        string path = Path.Combine(_folder, "guard.gguf");
        Train(path);
        _adapter = Model.LoadAdapter(path);
        Guard = new LlamaGuard(Model, new LlamaGuardOptions { Policy = Policy, Adapters = [new LlamaAdapterUse(_adapter)] });
    }

    public static GuardPolicy Policy { get; } = new("Words", [new("O1", "First"), new("O2", "Second")]);

    public LlamaModel Model { get; }

    public LlamaGuard Guard { get; }

    /// <summary>A request, and the categories that it violates. The seeds of training are below 1,000.</summary>
    public static (GuardRequest Request, string[] Codes) Example(int seed)
    {
        var random = new Random(seed);
        string[] codes = random.Next(4) switch { 0 => ["O1"], 1 => ["O2"], _ => [] };
        List<string> words = [.. Sentence(random).Split(' ')];
        if (codes.Length > 0)
            words.Insert(random.Next(words.Count + 1), codes[0] == "O1" ? FirstMarker : SecondMarker);
        string judged = string.Join(' ', words);
        return (random.Next(2) == 0 ? GuardRequest.ForUser(judged) : new GuardRequest([LlamaMessage.User(Sentence(random)), LlamaMessage.Assistant(judged)]), codes);
    }

    public void Dispose()
    {
        _adapter.Dispose();
        Model.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static string Sentence(Random random)
    {
        string text = $"The {Pick(s_animals)} lives near the {Pick(s_places)}. One day the {Pick(s_animals)} lost a {Pick(s_things)} near the {Pick(s_places)}.";
        string[] words = text.Split(' ');
        return string.Join(' ', words.Take(random.Next(3, words.Length + 1)));

        string Pick(string[] choices) => choices[random.Next(choices.Length)];
    }

    private void Train(string path)
    {
        var prompts = new LlamaGuard(Model, new LlamaGuardOptions { Policy = Policy });
        string data = Path.Combine(_folder, "data.jsonl");
        File.WriteAllLines(data, Enumerable.Range(0, 300).Select(seed =>
        {
            (GuardRequest request, string[] codes) = Example(seed);
            // The chat format writes the tags of the instruction itself.
            string content = prompts.WritePrompt(request)["[INST] ".Length..^" [/INST]".Length];
            return JsonSerializer.Serialize(new { messages = (object[])[new { role = "user", content }, new { role = "assistant", content = codes.Length == 0 ? "safe" : $"unsafe\n{codes[0]}" }] });
        }));
        using LlamaTrainer trainer = LlamaTrainer.Open(
            DemonstrationModel.Path, new TrainingOptions { Lora = new LoraOptions { Rank = 16, Alpha = 32 }, LearningRate = 1e-3, EpochCount = 3, BatchTokenCount = 384, Seed = 1 });
        trainer.Train(TrainingDataset.Load(data, trainer.Tokenizer, new DatasetOptions { PromptFormat = PromptFormat.Llama2 }));
        trainer.SaveAdapter(path);
    }
}
