using System.Globalization;
using BenchmarkDotNet.Running;
using Llama2.Benchmarks;
using Llama2.Training;

// Arguments: "quick [format …]" measures the matrix kernels within seconds; "quick attention" measures attention, "quick prompt-attention" that of a
// long prompt; "quick loading model.gguf" measures loading; "quick repacking [format …]" measures how fast rows become panels; "quick training"
// measures float32 products; "quick training-step model.gguf …" measures LoRA steps; "quick training-defaults model.gguf [nf4]" measures
// LoRA or QLoRA steps with the default options; "quick training-split model.gguf" measures the operations of a LoRA step; "quick training-whole
// vocabulary.gguf" measures training all weights of a tiny model; "quick training-moments model.gguf" measures training all weights with moments in
// float32 and in 8 bits; "quick constraints model.gguf [tokenizer]" measures constrained generations; "quick
// constraint-texts tests.jsonl tokenizer output.jsonl" writes the tokens of texts for other engines; "quick copy FILE THREADS" copies a file's bytes
// into memory; "quick speculation model.gguf benchmarks/speculation 5" measures guesses of the next tokens with recorded texts; "quick drafts
// model.gguf draft.gguf 5 0.6 0.8" measures a draft model, with these shares of right guesses; "quick merging model.gguf
// conversations.jsonl" measures what survives merging adapters. Any other arguments are those of BenchmarkDotNet, such as --filter '*RmsNorm*' --job short.
if (args is ["quick", "attention"])
{
    AttentionMeasurement.Run();
}
else if (args is ["quick", "loading", string loadedModel])
{
    LoadingMeasurement.Run(loadedModel);
}
else if (args is ["quick", "repacking", .. string[] repacked])
{
    RepackingMeasurement.Run(repacked);
}
else if (args is ["quick", "prompt-attention"])
{
    PromptAttentionMeasurement.Run();
}
else if (args is ["quick", "training"])
{
    TrainingMeasurement.RunProducts();
}
else if (args is ["quick", "training-step", .. string[] models])
{
    TrainingMeasurement.RunSteps(models);
}
else if (args is ["quick", "training-defaults", string adaptedModel, .. [] or ["nf4"]])
{
    TrainingMeasurement.RunDefaults(adaptedModel, args.Length > 3 ? BaseQuantization.Nf4 : BaseQuantization.AsStored);
}
else if (args is ["quick", "training-split", string model])
{
    TrainingSplit.Run(model);
}
else if (args is ["quick", "training-whole", string vocabulary])
{
    TrainingMeasurement.RunWhole(vocabulary);
}
else if (args is ["quick", "training-moments", string trainedModel])
{
    TrainingMeasurement.RunMoments(trainedModel);
}
else if (args is ["quick", "constraints", string constrainedModel, .. string[] tokenizers])
{
    await ConstraintMeasurement.RunAsync(constrainedModel, tokenizers.FirstOrDefault());
}
else if (args is ["quick", "constraint-texts", string tests, string tokenizer, string output])
{
    ConstraintTexts.Write(tests, tokenizer, output);
}
else if (args is ["quick", "copy", string file, string threads])
{
    CopyMeasurement.Run(file, int.Parse(threads, CultureInfo.InvariantCulture));
}
else if (args is ["quick", "speculation", string speculatingModel, string recordedTexts, string runs])
{
    await SpeculationMeasurement.RunAsync(speculatingModel, recordedTexts, int.Parse(runs, CultureInfo.InvariantCulture));
}
else if (args is ["quick", "drafts", string draftedModel, string draftModel, string draftRuns, .. string[] shares])
{
    await DraftModelMeasurement.RunAsync(
        draftedModel, draftModel, int.Parse(draftRuns, CultureInfo.InvariantCulture), Array.ConvertAll(shares, share => double.Parse(share, CultureInfo.InvariantCulture)));
}
else if (args is ["quick", "merging", string mergedModel, string conversations])
{
    await MergingMeasurement.RunAsync(mergedModel, conversations);
}
else if (args is ["quick", .. string[] formats])
{
    QuickMeasurement.Run(formats);
}
else
{
    BenchmarkSwitcher.FromAssembly(typeof(QuickMeasurement).Assembly).Run(args);
}
