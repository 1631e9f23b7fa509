using Llama2.Cli.Output;
using Llama2.Training;

namespace Llama2.Cli.Training;

/// <summary>Writes the training curve to a file; its name determines whether the curve is a picture or comma-separated values.</summary>
internal static class CurveFile
{
    /// <summary>Whether the name ends like another kind of picture, in which users would not expect comma-separated values.</summary>
    public static bool IsForeignPicture(string path) => Path.GetExtension(path).ToLowerInvariant() is ".png" or ".jpg" or ".jpeg" or ".gif" or ".webp" or ".pdf";

    /// <param name="path">The file to create or replace.</param>
    /// <param name="trainer">The trainer, with at least one step.</param>
    /// <param name="reports">The steps of this run, whose speed is known.</param>
    /// <param name="unit">The unit over which a loss is the mean: a token, or a pair.</param>
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
