using Llama2;
using Llama2.Training;

(string modelPath, string dataPath, string adapterPath) = (args[0], args[1], args[2]);
var options = new TrainingOptions
{
    Lora = new LoraOptions { Rank = 16, Alpha = 32 },
    LearningRate = 1e-3,
    EpochCount = 10,
    BatchTokenCount = 256,
};
using LlamaTrainer trainer = LlamaTrainer.Open(modelPath, options);

// Only answers are learned, not questions. A tenth of the data is kept aside, to see what the model understood and what it learned by heart.
PromptFormat format = PromptFormat.Detect(ModelFileInformation.Read(modelPath));
TrainingDataset data = TrainingDataset.Load(dataPath, trainer.Tokenizer, new DatasetOptions { PromptFormat = format });
(TrainingDataset training, TrainingDataset validation) = data.Split(validationFraction: 0.1, seed: 1);

Console.WriteLine($"{training.Count} samples, {trainer.ParameterCount:N0} parameters; loss of {validation.Count} others: {trainer.Evaluate(validation):F2}");
trainer.Train(training);
Console.WriteLine($"Loss of the others: {trainer.Evaluate(validation):F2}");
trainer.SaveAdapter(adapterPath);
