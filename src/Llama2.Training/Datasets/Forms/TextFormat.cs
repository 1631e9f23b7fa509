namespace Llama2.Training.Datasets.Forms;

/// <summary>Reads documents that are the field <c>text</c> of a record. All their tokens are learned, and control tokens in the text are recognized.</summary>
internal sealed class TextFormat : RecordFormat
{
    public override DatasetFormat Format => DatasetFormat.TextRecords;

    public override string Needs => "'text'";

    public override bool Matches(RecordObject record) => record.Has("text");

    public override DatasetRecord Read(RecordObject record) => new() { Text = record.RequireText("text") };
}
