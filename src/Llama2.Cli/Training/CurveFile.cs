using Llama2.Cli.Output;
using Llama2.Training;

namespace Llama2.Cli.Training;

/// <summary>Writes the training curve to a file. The file's name determines whether the curve is written as a picture or as comma-separated values.</summary>
internal static class CurveFile
{
    /// <summary>
    /// Whether the file's name has the ending of a picture format that is not supported. Users would not expect comma-separated values in such a
    /// file.
    /// </summary>
    public static bool IsForeignPicture(string path) => Path.GetExtension(path).ToLowerInvariant() is ".png" or ".jpg" or ".jpeg" or ".gif" or ".webp" or ".pdf";

    /// <summary>Whether a file of this name is a picture.</summary>
    public static bool IsPicture(string path) => Path.GetExtension(path).Equals(".svg", StringComparison.OrdinalIgnoreCase);

    /// <param name="path">The file to create or replace.</param>
    /// <param name="trainer">The trainer, with at least one step.</param>
    /// <param name="reports">
    /// The progress reports of this run, which state the speed of each of its steps. The speed of steps that were completed before training was
    /// resumed is not known.
    /// </param>
    /// <param name="unit">The unit of a loss, such as nats a token.</param>
    public static void Write(string path, LlamaTrainer trainer, IReadOnlyList<TrainingProgress> reports, string unit)
    {
        if (IsPicture(path))
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
