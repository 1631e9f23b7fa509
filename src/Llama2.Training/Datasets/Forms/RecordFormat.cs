namespace Llama2.Training.Datasets.Forms;

/// <summary>A format of records in data sets.</summary>
internal abstract class RecordFormat
{
    /// <summary>The format's public name.</summary>
    public abstract DatasetFormat Format { get; }

    /// <summary>The fields that distinguish the format from others, for messages.</summary>
    public abstract string Needs { get; }

    /// <summary>Whether a record has the fields that distinguish this format from the others.</summary>
    public abstract bool Matches(RecordObject record);

    /// <summary>Reads a record. The fields that it uses are marked as used.</summary>
    /// <exception cref="RecordFaultException">A field is missing, or has a wrong value.</exception>
    public abstract DatasetRecord Read(RecordObject record);
}
