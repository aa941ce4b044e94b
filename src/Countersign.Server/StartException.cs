namespace Countersign.Server;

/// <summary>The program cannot start; the message tells the operator why and what to do.</summary>
internal sealed class StartException(string message) : Exception(message);
