using BenchmarkDotNet.Running;
using Llama2.Benchmarks;

// quick [format …]: figures of the matrix kernels in seconds; quick attention: of attention;
// quick training: of float32 products; quick training-step model.gguf …: of LoRA steps;
// quick training-split model.gguf: of a LoRA step's operations;
// quick training-whole vocabulary.gguf: of a tiny model's whole weights. Else BenchmarkDotNet's own arguments, such as --filter '*RmsNorm*' --job short.
if (args is ["quick", "attention"])
{
    AttentionMeasurement.Run();
}
else if (args is ["quick", "training"])
{
    TrainingMeasurement.RunProducts();
}
else if (args is ["quick", "training-step", .. string[] models])
{
    TrainingMeasurement.RunSteps(models);
}
else if (args is ["quick", "training-split", string model])
{
    TrainingSplit.Run(model);
}
else if (args is ["quick", "training-whole", string vocabulary])
{
    TrainingMeasurement.RunWhole(vocabulary);
}
else if (args is ["quick", .. string[] formats])
{
    QuickMeasurement.Run(formats);
}
else
{
    BenchmarkSwitcher.FromAssembly(typeof(QuickMeasurement).Assembly).Run(args);
}
