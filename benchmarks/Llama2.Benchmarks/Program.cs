using BenchmarkDotNet.Running;
using Llama2.Benchmarks;

// Arguments: "quick [format …]" measures the matrix kernels within seconds; "quick attention" measures attention; "quick training" measures float32
// products; "quick training-step model.gguf …" measures LoRA steps; "quick training-split model.gguf" measures the operations of a LoRA step; "quick
// training-whole vocabulary.gguf" measures training all weights of a tiny model. Any other arguments are those of BenchmarkDotNet, such as --filter
// '*RmsNorm*' --job short.
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
