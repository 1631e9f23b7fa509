using Llama2;
using Llama2.Training;

// The argument is the path of the adapter's file; without it, the file is written to the folder for temporary files.
string adapterPath = args.Length > 0 ? args[0] : Path.Combine(Path.GetTempPath(), "sailor.gguf");

// The training data contains none of these questions, so the model learns only the voice from it, and answers from earlier knowledge.
string[] questions = ["What sound does a cow make?", "Where does a bear live?", "Tell me a story about a fox."];
string modelPath = Path.Combine(AppContext.BaseDirectory, "storyteller-1m-Q8_0.gguf");
string dataPath = Path.Combine(AppContext.BaseDirectory, "sailor.jsonl");
using LlamaModel model = LlamaModel.Load(modelPath);

Console.WriteLine("Before:");
await AskAsync([]);

Train();

// The loaded model does not change. The adapter changes the answers of generations that use it.
using LlamaAdapter sailor = model.LoadAdapter(adapterPath);
Console.WriteLine($"\nWith the adapter ({new FileInfo(adapterPath).Length / 1024:N0} KiB):");
await AskAsync([new LlamaAdapterUse(sailor)]);

void Train()
{
    var options = new TrainingOptions
    {
        Lora = new LoraOptions { Rank = 16, Alpha = 32 },
        LearningRate = 1e-3,
        EpochCount = 10,
        BatchTokenCount = 256,
    };
    using LlamaTrainer trainer = LlamaTrainer.Open(modelPath, options);

    // Only answers are learned, not questions. A tenth of the data is kept aside, to see what the model understood and what it learned by heart.
    TrainingDataset data = TrainingDataset.Load(dataPath, trainer.Tokenizer, new DatasetOptions { PromptFormat = PromptFormat.Detect(model) });
    (TrainingDataset training, TrainingDataset validation) = data.Split(validationFraction: 0.1, seed: 1);
    Console.WriteLine($"\n{training.Count} conversations; {trainer.ParameterCount:N0} numbers to train.");
    Console.WriteLine($"Loss on {validation.Count} others: {trainer.Evaluate(validation):F2}");

    trainer.Train(training, progress: new StepPrinter());
    Console.WriteLine($"Loss on the others: {trainer.Evaluate(validation):F2}");
    trainer.SaveAdapter(adapterPath);
}

async Task AskAsync(LlamaAdapterUse[] adapters)
{
    // At temperature 0 the model always gives the same answer, the likeliest one.
    var options = new GenerationOptions { Temperature = 0, MaxTokens = 200, Adapters = adapters };
    IChatSession session = model.CreateChatSession(new ChatSessionOptions { Generation = options });
    foreach (string question in questions)
    {
        Console.WriteLine($"  {question}");
        Console.Write("   ");
        await foreach (GenerationUpdate update in session.SendAsync(question))
        {
            Console.Write(update.Text);
        }

        Console.WriteLine();
    }
}

// The framework's Progress<T> reports later, on other threads; this class reports immediately.
internal sealed class StepPrinter : IProgress<TrainingProgress>
{
    public void Report(TrainingProgress step)
    {
        if (step.Step % 50 == 0 || step.Step == step.StepCount)
        {
            Console.WriteLine($"  step {step.Step,3} of {step.StepCount}: loss {step.Loss:F3}, {step.TokensPerSecond:N0} tokens a second, {step.Remaining.TotalSeconds:N0} s left");
        }
    }
}
