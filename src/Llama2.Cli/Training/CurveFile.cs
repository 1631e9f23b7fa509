using Llama2.Cli.Output;
using Llama2.Training;

namespace Llama2.Cli.Training;

/// <summary>The curve of training in a file: its name says whether as a picture or as comma-separated values.</summary>
internal static class CurveFile
{
    /// <summary>Whether the name is that of a picture of another kind: comma-separated values in it would surprise whoever opens it.</summary>
    public static bool IsForeignPicture(string path) => Path.GetExtension(path).ToLowerInvariant() is ".png" or ".jpg" or ".jpeg" or ".gif" or ".webp" or ".pdf";

    /// <param name="path">The file to make or replace.</param>
    /// <param name="trainer">What was trained; it has taken a step at least.</param>
    /// <param name="reports">The steps of this run, whose speed is known.</param>
    /// <param name="unit">What a loss is the mean over: a token, or a pair.</param>
    public static void Write(string path, LlamaTrainer trainer, IReadOnlyList<TrainingProgress> reports, string unit)
    {
        if (Path.GetExtension(path).Equals(".svg", StringComparison.OrdinalIgnoreCase))
        {
            string name = trainer.Configuration.Name.Length > 0 ? $" of {PrintableText.Shorten(trainer.Configuration.Name, 60)}" : "";
            CurvePicture.Write(path, $"Training{name}: the loss", unit, trainer.Steps);
        }
        else
        {
            CurveTable.Write(path, trainer.Steps, reports);
        }
    }
}
