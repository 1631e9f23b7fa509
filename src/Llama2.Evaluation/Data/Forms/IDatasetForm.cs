using System.Text.Json;

namespace Llama2.Evaluation.Data.Forms;

/// <summary>
/// The files in which the authors of a data set publish it, if these differ from Hugging Face's data set in names or fields. A form reads them into rows
/// with Hugging Face's fields, which the tasks of lm-evaluation-harness expect. Immutable and thread-safe.
/// </summary>
internal interface IDatasetForm
{
    /// <summary>Finds and reads the rows of a split.</summary>
    /// <param name="search">The folder in which to look, and what to look for.</param>
    /// <returns>The rows; null if the files are not in the folder.</returns>
    IEnumerable<JsonElement>? Read(DatasetSearch search);
}
