using System.Text.Json.Serialization;

namespace Countersign.Server.Features.Programs.Applications;

[JsonSerializable(typeof(string[]))]
internal sealed partial class RegistrationJson : JsonSerializerContext;
