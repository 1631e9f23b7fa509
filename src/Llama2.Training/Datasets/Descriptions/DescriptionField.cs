using System.Text.Json;

namespace Llama2.Training.Datasets.Descriptions;

/// <summary>A field of a description.</summary>
/// <param name="Name">The field, in whose name the fields around it precede, such as <c>columns.prompt</c>.</param>
/// <param name="Line">Its line in the file, from 1.</param>
/// <param name="Value">Its value; a map's is an object without its fields.</param>
internal sealed record DescriptionField(string Name, long Line, JsonElement Value);
