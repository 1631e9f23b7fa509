using Llama2.Training;

namespace Llama2.Evaluation.Tests.Backends.LlamaCpp;

/// <summary>
/// A trained adapter whose matrices have different ranks and scales, all of them divided by the square root of the rank. A GGUF file has one alpha, which
/// readers divide by each matrix's own rank, so most of the matrices B are multiplied when it is written.
/// </summary>
internal static class ScaledAdapter
{
    /// <summary>Trains the adapter over a model, and returns the path of its file.</summary>
    public static string Write(string modelPath, string path)
    {
        using LlamaTrainer trainer = Train(modelPath);
        trainer.SaveAdapter(path);
        return path;
    }

    /// <summary>Trains the adapter over a model, and returns the path of the model that it is merged into.</summary>
    public static string WriteMerged(string modelPath, string path)
    {
        using LlamaTrainer trainer = Train(modelPath);
        trainer.SaveMergedModel(path);
        return path;
    }

    private static LlamaTrainer Train(string modelPath)
    {
        LlamaTrainer trainer = LlamaTrainer.Open(modelPath, new TrainingOptions
        {
            Lora = new LoraOptions
            {
                Rank = 4,
                Alpha = 6,
                UseRankStabilization = true,
                RankPattern = [("q_proj", 2), (@".*layers\.1\.mlp\..*", 6)],
                AlphaPattern = [("layers.0.self_attn.v_proj", 5), ("(gate|up)_proj", 30)],
            },
            LearningRate = 1e-2,
            EpochCount = 10,
        });
        int[] tokens = trainer.Tokenizer.Encode("Ahoy, friend of the sea! The little ship sailed home, and all the dogs were glad.", addBeginOfSequence: true);
        trainer.Train(new TrainingDataset([new TrainingSample(tokens, Enumerable.Repeat(true, tokens.Length).ToArray())]));
        return trainer;
    }
}
