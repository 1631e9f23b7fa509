namespace Llama2.Training;

/// <summary>A step of the search for a learning rate.</summary>
/// <param name="LearningRate">The step's learning rate.</param>
/// <param name="Loss">The step's loss, before the step changed the weights.</param>
/// <param name="SmoothedLoss">The mean of the losses so far, with weights that fall exponentially into the past.</param>
public sealed record LearningRatePoint(double LearningRate, double Loss, double SmoothedLoss);
