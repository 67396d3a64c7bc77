# The application alone; docker-compose.yml adds what it needs.
FROM maven:3.9-eclipse-temurin-21 AS build
WORKDIR /build
COPY pom.xml ./
COPY src/main src/main
COPY bpmn bpmn
COPY dmn dmn
COPY camel-routes camel-routes
# Without tests neither the Camunda server nor the test libraries are needed.
RUN --mount=type=cache,target=/root/.m2 mvn -B -q -Dmaven.test.skip=true -Dmdep.skip=true -Dspotless.check.skip=true package \
    && java -Djarmode=tools -jar target/remitflow-*.jar extract --layers --launcher --destination extracted

FROM eclipse-temurin:21-jre
RUN groupadd --system --gid 10001 remitflow && useradd --system --uid 10001 --gid remitflow remitflow \
    && mkdir -p /var/lib/remitflow/inbox && chown -R remitflow:remitflow /var/lib/remitflow
WORKDIR /app
COPY --from=build /build/extracted/dependencies/ ./
COPY --from=build /build/extracted/spring-boot-loader/ ./
COPY --from=build /build/extracted/snapshot-dependencies/ ./
COPY --from=build /build/extracted/application/ ./
USER remitflow
EXPOSE 8080
ENV JAVA_TOOL_OPTIONS="-XX:MaxRAMPercentage=75 -XX:+ExitOnOutOfMemoryError"
ENTRYPOINT ["java", "org.springframework.boot.loader.launch.JarLauncher"]
