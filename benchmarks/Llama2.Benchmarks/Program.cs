using BenchmarkDotNet.Running;
using Llama2.Benchmarks;

// quick [format …]: figures of the matrix kernels in seconds; quick attention: of attention;
// quick training [model.gguf …]: of float32 products, and of training steps. Else BenchmarkDotNet's own arguments, such as --filter '*RmsNorm*' --job short.
if (args is ["quick", "attention"])
{
    AttentionMeasurement.Run();
}
else if (args is ["quick", "training", .. string[] models])
{
    TrainingMeasurement.Run(models);
}
else if (args is ["quick", .. string[] formats])
{
    QuickMeasurement.Run(formats);
}
else
{
    BenchmarkSwitcher.FromAssembly(typeof(QuickMeasurement).Assembly).Run(args);
}
