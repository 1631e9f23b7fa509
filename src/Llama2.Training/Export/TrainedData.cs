namespace Llama2.Training.Export;

/// <summary>The data of a training run.</summary>
/// <param name="SampleCount">The number of samples, rated answers or pairs.</param>
/// <param name="ValidationCount">The same for validation.</param>
/// <param name="StepCount">The number of planned steps.</param>
/// <param name="Fingerprint">The SHA-256 digest of the encoded samples, in hexadecimal digits.</param>
/// <param name="Preference">How preferences were learned; null if samples were learned.</param>
internal sealed record TrainedData(int SampleCount, int ValidationCount, int StepCount, string Fingerprint, PreferenceOptions? Preference);
